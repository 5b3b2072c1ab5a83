"""A sandbox in a thread, and the published python-kis pointed at it."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import pytest

from sandbox.http import Running, serve
from sandbox.model import Server
from sandbox.scenario import Scenario, build
from sandbox.world import World


@dataclass
class Child:
    """A sandbox for a client that blocks."""

    running: Running

    @property
    def world(self) -> World:
        return self.running.world

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait, with the market's task running beside, for at most five seconds."""
        give_up = monotonic() + 5
        while not condition():
            assert monotonic() < give_up
            sleep(0.01)


@contextmanager
def child_of(scenario: Scenario) -> Iterator[Child]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> Running:
        return await serve(build(scenario))

    running = asyncio.run_coroutine_threadsafe(start(), loop).result(15)
    yield Child(running)
    asyncio.run_coroutine_threadsafe(running.close(), loop).result(15)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(15)
    loop.close()


@contextmanager
def python_kis(child: Child, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    import pykis  # noqa: PLC0415 - loads slowly and warns; only its tests pay for it
    import pykis.kis  # noqa: PLC0415

    monkeypatch.setattr(pykis.kis, "REAL_DOMAIN", f"{child.running.url}/real")
    # Its hosts have no path in front; the sandbox's have one.
    monkeypatch.setattr(pykis.kis, "urljoin", lambda host, path: host + path)
    owner = child.world.credentials[Server.REAL]
    kis = pykis.PyKis(
        id=owner.hts_id,
        account=f"{owner.account[:8]}-{owner.account[8:]}",
        appkey=owner.app_key,
        secretkey=owner.app_secret,
        use_websocket=False,
        keep_token=False,
    )
    yield kis
    kis.close()
