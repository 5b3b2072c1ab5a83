"""``run.py setup`` in a pseudo-terminal, and the fingers of somebody who types into it."""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty
import re
import signal
import sys
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.e2e.children import environment, paths

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE_S = 60.0
_CHUNK = 65_536


class Wizard:
    """The child. ``screen`` is all that a person sees, ``seen`` how far it was read."""

    def __init__(self, home: Path, *words: str, env: Mapping[str, str] | None = None) -> None:
        self._command = (sys.executable, "-m", "bot", *(words or ("setup",)), *paths(home))
        self._env = environment(env)
        self._news = asyncio.Event()
        self.screen = ""
        self.seen = 0
        self._pid = 0
        self._terminal = -1
        self._ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def __aenter__(self) -> Self:
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            os.chdir(ROOT)
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a test run in the background ignores it
            os.execve(sys.executable, self._command, self._env)  # noqa: S606 - this program
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, b"\x32\x00\xc8\x00\x00\x00\x00\x00")
        os.set_blocking(self._terminal, False)
        asyncio.get_running_loop().add_reader(self._terminal, self._read)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._ended.done():
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            await asyncio.wait_for(self._ended, 10)

    def _read(self) -> None:
        try:
            content = os.read(self._terminal, _CHUNK)
        except BlockingIOError:
            return
        except OSError:  # the other end is closed
            content = b""
        if content:
            self.screen += content.decode(errors="replace").replace("\r\n", "\n")
        else:
            asyncio.get_running_loop().remove_reader(self._terminal)
            os.close(self._terminal)
            _, status = os.waitpid(self._pid, 0)
            self._ended.set_result(os.waitstatus_to_exitcode(status))
        self._news.set()

    async def until(self, pattern: str) -> re.Match[str]:
        """Wait until the screen shows it, behind all that was waited for so far."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while (found := re.search(pattern, self.screen[self.seen :])) is None:
                    assert not self._ended.done(), self.screen
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{pattern!r} was not shown:\n{self.screen}") from None
        self.seen += found.end()
        return found

    async def answer(self, question: str, text: str = "") -> None:
        """Wait for the question and type the answer."""
        await self.until(question)
        self.type(text + "\n")

    def type(self, text: str) -> None:
        self.type_bytes(text.encode())

    def type_bytes(self, typed: bytes) -> None:
        os.write(self._terminal, typed)

    def interrupt(self) -> None:
        """Ctrl-C."""
        self.type("\x03")

    def hold(self) -> None:
        """Ctrl-S: nothing is shown any more, and whoever writes waits."""
        self.type("\x13")

    def terminate(self) -> None:
        """As ``systemctl stop``."""
        os.kill(self._pid, signal.SIGTERM)

    async def code(self) -> int:
        return await asyncio.wait_for(asyncio.shield(self._ended), PATIENCE_S)
