"""Has pictures drawn by a short-lived child: the assistant stays small, ticks are not disturbed."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from reports.pictures import wire
from reports.pictures.subjects import Picture, Request

_LOG = logging.getLogger(__name__)
_ROOT = Path(__file__).resolve().parent.parent.parent
_COMMAND = (sys.executable, "-m", "reports.pictures")
_TIMEOUT_S = 120.0  # of the clock; the child's own limit is of the processor
_STDERR_SHOWN = 500
_KEPT = ("PATH", "PYTHONPATH", "HOME", "XDG_CACHE_HOME", "LANG", "SYSTEMROOT", "TEMP", "TMPDIR")


class PicturesFailed(Exception):
    """The child drew nothing; the report is still true without pictures."""


class Painter:
    """One child at a time, since a small machine has room for one.

    ``cache``: a directory where matplotlib keeps its list of fonts, so that only the first child
    makes one; None: its usual place.
    """

    def __init__(
        self,
        cache: Path | None = None,
        timeout_s: float = _TIMEOUT_S,
        command: Sequence[str] = _COMMAND,
    ) -> None:
        self._environment = _environment(cache)
        self._timeout_s = timeout_s
        self._command = tuple(command)
        self._turn = asyncio.Lock()

    async def draw(self, request: Request) -> tuple[Picture, ...]:
        """All pictures of a request, reports first.

        Raises:
            PicturesFailed: the child could not be started, was too slow, or failed.
        """
        async with self._turn:
            written = await self._run(request)
        try:
            found = wire.load_pictures(written)
        except wire.Garbled as error:
            raise PicturesFailed(str(error)) from error
        if len(found) != request.pictures:
            raise PicturesFailed(f"{len(found)} pictures instead of {request.pictures}")
        return found

    async def _run(self, request: Request) -> bytes:
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=_ROOT,
                env=self._environment,
            )
        except OSError as error:
            raise PicturesFailed(f"no child: {error}") from error
        try:
            content = await asyncio.to_thread(wire.dump_request, request)
            async with asyncio.timeout(self._timeout_s):
                written, said = await child.communicate(content)
        except TimeoutError as error:
            raise PicturesFailed(f"not drawn within {self._timeout_s:g} s") from error
        finally:
            await _end(child)
        return _judged(child.returncode, written, said)


def _judged(code: int | None, written: bytes, said: bytes) -> bytes:
    words = said.decode(errors="replace").strip()[-_STDERR_SHOWN:]
    if code:
        raise PicturesFailed(f"the child ended with {code}: {words}")
    if words:
        _LOG.warning("the child that draws said: %s", words)
    return written


async def _end(child: asyncio.subprocess.Process) -> None:
    """Also where the wait for it was cancelled."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _environment(cache: Path | None) -> Mapping[str, str]:
    """No secret of the assistant reaches the child."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    # One thread: two cores are the desks'. Agg: whatever a settings file says.
    kept |= {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg", "PYTHONUTF8": "1"}
    if cache is not None:
        kept["MPLCONFIGDIR"] = str(cache)
    return kept
