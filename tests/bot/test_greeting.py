"""The start is told once it is known what holds the desks back, or a little later all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot import process
from bot.app import build_application
from bot.chat import ChatSettings, ChatStores
from bot.process import Process, ProcessSettings, Run
from engine.model.ids import DeskState
from engine.ports.journal import NumberedFact
from engine.ports.notifier import Notifier
from tests.bot.samples import control, latched
from tests.bot.stage import OWNER, TOKEN, Call, Recorder, Watch, until
from tests.fakes.chat_store import FakeNonces, FakeOutbox, FakeValues
from tests.fakes.control import FakeControl


@dataclass
class Engine:
    """Its desks come up when a test says so; the process runs no more than is looked at."""

    control: FakeControl = field(default_factory=control)
    briefed: asyncio.Event = field(default_factory=asyncio.Event)
    second: Notifier | None = None
    on_fact: list[Callable[[NumberedFact], None]] = field(default_factory=list)

    async def run_services(self, *extra: tuple[str, Run]) -> None:
        services = dict(extra)
        await asyncio.gather(services["telegram"](), services["news"]())

    async def until_briefed(self) -> None:
        await self.briefed.wait()

    async def drain(self) -> None:
        return None

    def is_serviced(self) -> bool:
        return True

    def on_news(self, wake: Callable[[], None]) -> None:
        del wake

    @property
    def on_broker_days(self) -> list[Callable[[], None]]:
        return []


@asynccontextmanager
async def running(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Recorder]:
    sent = Recorder()
    sent.rule = _slow_poll
    build = partial(build_application, request=sent, poll_request=sent)
    monkeypatch.setattr(process, "build_application", build)
    settings = ProcessSettings("127.0.0.1", 0, ChatSettings((OWNER,)), TOKEN)
    stores = ChatStores(FakeNonces(), FakeValues(), FakeOutbox(), Path("no-books"))
    task = asyncio.ensure_future(Process(engine, stores, settings, Watch().human_time()).run())
    try:
        await until(lambda: any(call.method == "getUpdates" for call in sent.calls))
        yield sent
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def greetings(sent: Recorder) -> list[str]:
    return [call.text for call in sent.calls if call.method == "sendMessage"]


async def test_a_start_tells_of_a_stop_that_is_known_only_when_the_desks_are_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine()
    async with running(engine, monkeypatch) as sent:
        await asyncio.sleep(0.1)
        assert greetings(sent) == []
        engine.control.view = latched(DeskState.EXITS_ONLY, DeskState.RUNNING)
        engine.briefed.set()
        await until(lambda: greetings(sent))
    assert "/resume" in greetings(sent)[0]


async def test_desks_that_do_not_come_up_do_not_hold_the_start_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "BRIEFED_S", 0.1)
    async with running(Engine(), monkeypatch) as sent:
        await until(lambda: greetings(sent))
    assert "시작" in greetings(sent)[0]


async def _slow_poll(call: Call) -> tuple[int, dict[str, Any]] | None:
    if call.method == "getUpdates":
        await asyncio.sleep(0.01)
    return None
