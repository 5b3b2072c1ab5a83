"""A headless Chromium of one's own: found, started with a fresh profile, ended with its test."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.browser.devtools import DevToolsError, Wire, connected
from tests.browser.page import Page, Screen

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_CHROMIUM = "no Chromium (set CHROMIUM or install it)"
START_S = 20.0
END_S = 5.0
DOWNLOAD_S = 10.0

# Loopback is the only place it can find, whatever a page or the browser itself asks for.
SWITCHES = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"),
    *("--remote-debugging-port=0", "--remote-debugging-address=127.0.0.1"),
    *("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--no-proxy-server"),
    *("--disable-quic", "--disable-sync", "--disable-extensions", "--disable-breakpad"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    *("--disable-backgrounding-occluded-windows", "--disable-features=Translate"),
    *("--accept-lang=ko-KR,ko", "--force-color-profile=srgb", "--font-render-hinting=none"),
    "--hide-scrollbars",
)
_LISTENING = b"DevTools listening on "


class Browser:
    """A running Chromium. Each page has cookies, storage and downloads of its own."""

    def __init__(self, wire: Wire, downloads: Path) -> None:
        self._wire = wire
        self._downloads = downloads
        self._named: dict[str, str] = {}
        self._done: asyncio.Queue[tuple[str, Path]] = asyncio.Queue()
        wire.listen("Browser.downloadWillBegin", self._begun)
        wire.listen("Browser.downloadProgress", self._progressed)

    @asynccontextmanager
    async def page(self, url: str, screen: Screen | None = None) -> AsyncIterator[Page]:
        """A fresh page that has loaded ``url``; it is closed at the end."""
        context = (await self._wire.call("Target.createBrowserContext"))["browserContextId"]
        try:
            await self._wire.call(
                "Browser.setDownloadBehavior",
                behavior="allowAndName",
                browserContextId=context,
                downloadPath=str(self._downloads),
                eventsEnabled=True,
            )
            page = await Page.opened(self._wire, context, screen or Screen())
            await page.go(url)
            yield page
        finally:
            await self._wire.call("Target.disposeBrowserContext", browserContextId=context)

    async def downloaded(self) -> tuple[str, Path]:
        """The next finished download: the name it would have on the user's disk, and where."""
        try:
            return await asyncio.wait_for(self._done.get(), DOWNLOAD_S)
        except TimeoutError:
            raise DevToolsError(f"no download was finished within {DOWNLOAD_S:.0f} s") from None

    def _begun(self, event: dict[str, str]) -> None:
        self._named[event["guid"]] = event["suggestedFilename"]

    def _progressed(self, event: dict[str, str]) -> None:
        if event["state"] == "completed":
            guid = event["guid"]
            self._done.put_nowait((self._named.pop(guid), self._downloads / guid))


def found() -> str | None:
    """The program: ``CHROMIUM`` if that is set, else the first of ``NAMES`` on the path."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    return next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start it; it ends with the block, and is killed with this process where Linux allows.

    Raises:
        DevToolsError: There is none, or it does not say where it listens.
    """
    program = found()
    if program is None:
        raise DevToolsError(NO_CHROMIUM)
    with TemporaryDirectory(prefix="dolpa-chromium-", ignore_cleanup_errors=True) as folder:
        process = await _start(program, Path(folder))
        try:
            address = await _address(process)
            draining = asyncio.create_task(_drain(process))  # a full pipe would stop it
            async with connected(address) as wire:
                try:
                    yield Browser(wire, Path(folder))
                finally:
                    await wire.call("Browser.close")
            await draining
        finally:
            await _end(process)


async def _start(program: str, folder: Path) -> Process:
    setpriv = shutil.which("setpriv")
    with_parent = (setpriv, "--pdeathsig", "KILL") if setpriv is not None else ()
    return await asyncio.create_subprocess_exec(
        *(*with_parent, program, *SWITCHES, f"--user-data-dir={folder / 'profile'}"),
        "about:blank",
        stdin=DEVNULL,
        stdout=DEVNULL,
        stderr=PIPE,
        start_new_session=True,
        env={**os.environ, "HOME": str(folder), "LC_ALL": "C.UTF-8"},
    )


async def _address(process: Process) -> str:
    """Where it listens, from what it writes at its start."""
    assert process.stderr is not None
    said = b""
    with suppress(TimeoutError):
        async with asyncio.timeout(START_S):
            while line := await process.stderr.readline():
                said += line
                if line.startswith(_LISTENING):
                    return line.removeprefix(_LISTENING).decode().strip()
    raise DevToolsError(f"Chromium did not start: {said.decode(errors='replace')[-500:]}")


async def _end(process: Process) -> None:
    """By now it closes by itself, children first; what still runs is killed."""
    with suppress(TimeoutError):
        async with asyncio.timeout(END_S):
            await process.wait()
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.communicate()


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    while await process.stderr.read(4096):
        pass
