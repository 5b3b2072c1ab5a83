"""The process: lock, signals, start and stop in order. Everything it runs is a guarded service."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from telegram.error import TelegramError
from websockets.asyncio.server import Server

from bot.app import (
    build_application,
    chat_link,
    chat_of,
    poll_age,
    post_stop,
    run_digests,
    run_outbox,
    run_poll_watch,
)
from bot.broker_news import BrokerNews
from bot.chat import ChatSettings, ChatStores, Drills, HumanTime
from bot.format import reloaded
from bot.health import serve_health
from bot.host import TelegramHost
from bot.memory import TRIM_EVERY_S, trim
from bot.news import News
from bot.polling import App
from bot.second_alerts import SecondAlerts
from bot.signals import Signals
from bot.systemd import Systemd
from bot.terminal.voice import Voice, unreached
from bot.typed_secrets import Finds, looks_secret
from engine.ports.control import EngineControl, StopKind
from engine.ports.journal import NumberedFact
from engine.ports.logs import SelfReport
from engine.ports.notifier import Notifier

log = logging.getLogger(__name__)

BRIEFED_S = 10.0
FAREWELL_S = 3.0
MACHINE = 0  # the user id of ``run.py stop``
DRAIN_S = 6.5

Run = Callable[[], Awaitable[None]]


class Engine(Protocol):
    """What the process needs of the assembled engine."""

    @property
    def control(self) -> EngineControl:
        """The chat's door."""
        ...

    async def run_services(self, *extra: tuple[str, Run]) -> None:
        """Run until cancelled or a fatal error."""
        ...

    async def until_briefed(self) -> None:
        """Wait until the status shows every desk with its latches."""
        ...

    async def drain(self) -> None:
        """Enter nothing more, settle what is in flight, write down a stop that is owed."""
        ...

    def is_serviced(self) -> bool:
        """Whether every desk runs and takes what waits for it."""
        ...

    def on_news(self, wake: Callable[[], None]) -> None:
        """Call ``wake`` when the outbox got something."""
        ...

    @property
    def second(self) -> Notifier | None:
        """A second way to reach the trader, where one is wanted and its keys are given."""
        ...

    @property
    def on_fact(self) -> list[Callable[[NumberedFact], None]]:
        """Who hears of every journalled fact, at once; must not raise or wait."""
        ...

    @property
    def on_broker_days(self) -> list[Callable[[], None]]:
        """Whom to tell that the broker told what finished days brought."""
        ...


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """Where /health listens, how the chat is reached."""

    health_host: str
    health_port: int
    chat: ChatSettings
    token: str


class Process:
    """One run of the assistant."""

    def __init__(
        self,
        engine: Engine,
        stores: ChatStores,
        settings: ProcessSettings,
        time: HumanTime,
        *,
        notices: tuple[str, ...] = (),
        systemd: Systemd | None = None,
        drills: Drills | None = None,
        report: SelfReport | None = None,
        finds_secret: Finds = looks_secret,
        voice: Voice | None = None,
    ) -> None:
        self._voice = voice
        self._engine = engine
        self._settings = settings
        self._time = time
        self.app: App = build_application(
            *(settings.token, settings.chat, engine.control, stores, time),
            notices=notices,
            drills=drills,
            report=report,
            finds_secret=finds_secret,
        )
        self._host = TelegramHost(self.app, settings.chat, time)
        self._news = News(chat_of(self.app))
        self._stop = asyncio.Event()
        self._stop_program = False
        self._systemd = systemd or Systemd({})
        self.health_port = settings.health_port
        wake = chat_of(self.app).alerts.wake
        self._broker_news = BrokerNews(stores.books, engine.control, stores.outbox, wake)
        engine.on_news(wake)
        engine.on_news(chat_of(self.app).trade_cards.wake)
        engine.on_broker_days.append(self._broker_news.heard)
        self._second = None if engine.second is None else self._second_alerts(engine.second)

    def _second_alerts(self, notifier: Notifier) -> SecondAlerts:
        chat = chat_of(self.app)
        alerts = SecondAlerts(
            *(notifier, chat.control, chat.preferences, self._time),
            say=self._news.put,
            link=lambda: chat_link(self.app),
        )
        self._engine.on_fact.append(alerts.hear)
        return alerts

    def end(self) -> None:
        """Begin the end; more calls change nothing."""
        self._stop.set()

    def tell_reloaded(
        self, changed: tuple[str, ...], at_next_start: tuple[str, ...], refused: str
    ) -> None:
        """Say in chat what an edit of config.yaml did."""
        lang = chat_of(self.app).preferences.lang
        if refused:
            self._news.put(reloaded.refused(refused, lang))
        else:
            self._news.put(reloaded.reloaded(changed, at_next_start, lang))

    def obey(self, signals: Signals) -> None:
        """SIGTERM and SIGINT begin a clean stop, and a second one does not break it off.

        SIGUSR1 (``run.py stop``) is /stop all: the user's latch is set as well.
        """
        signals.obey(self.end, self._stop_all)

    def _stop_all(self) -> None:
        self._stop_program = True
        self._stop.set()

    async def run(self) -> None:
        """Run until ``end``; a fatal error of the engine comes out as it is."""
        try:
            async with asyncio.TaskGroup() as group:
                services = group.create_task(self._run_services())
                ending = group.create_task(self._stop.wait())
                await asyncio.wait({services, ending}, return_when=asyncio.FIRST_COMPLETED)
                if ending.done():
                    await self._leave()
                ending.cancel()
                services.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _run_services(self) -> None:
        second = self._second
        extra: tuple[tuple[str, Run], ...] = ()
        if second is not None:
            extra = (("second alerts", second.run), ("second token", second.keep_alive))
        if self._voice is not None:
            extra += (("voice", partial(self._voice.run, self._unreached, self._time.pause)),)
        await self._engine.run_services(
            ("telegram", self._host.run),
            ("alerts", self._alerts),
            ("digests", self._put_digests),
            ("news", self._say_news),
            ("card", self._show_card),
            ("trade cards", self._send_trade_cards),
            ("broker's figures", self._compare_days),
            ("poller watch", lambda: run_poll_watch(self.app)),
            ("health", self._serve_health),
            ("watchdog", self._watchdog),
            ("memory", self._trim_memory),
            *extra,
        )

    def _unreached(self) -> frozenset[str]:
        view, is_up = self._engine.control.status(), self._host.is_up
        return unreached(view, poll_age(self.app), is_chat_up=is_up)

    async def _alerts(self) -> None:
        """Alerts follow the greeting, whose id tells where they begin; until then they are kept."""
        await self._host.until_up()
        await self._news.until_greeted()
        await run_outbox(self.app)

    async def _put_digests(self) -> None:
        """Once every desk knows its mode, which says whose book is meant."""
        await self._engine.until_briefed()
        await run_digests(self.app)

    async def _say_news(self) -> None:
        await self._host.until_up()
        with contextlib.suppress(TimeoutError):  # a greeting before that would hide a stop
            async with asyncio.timeout(BRIEFED_S):
                await self._engine.until_briefed()
        await self._news.run()

    async def _show_card(self) -> None:
        await self._host.until_up()
        await self._news.until_greeted()
        await chat_of(self.app).card.run()

    async def _compare_days(self) -> None:
        await self._host.until_up()
        await self._news.until_greeted()
        await self._broker_news.run()

    async def _send_trade_cards(self) -> None:
        """After the greeting, which tells in which mode it began."""
        await self._host.until_up()
        await self._news.until_greeted()
        await chat_of(self.app).trade_cards.run()

    async def _trim_memory(self) -> None:
        while True:
            await self._time.pause(TRIM_EVERY_S)
            await asyncio.to_thread(trim)

    async def _watchdog(self) -> None:
        await self._systemd.watch(self._engine.is_serviced, self._time.pause)

    async def _serve_health(self) -> None:
        await serve_health(
            self._engine.control.status,
            lambda: poll_age(self.app),
            self._settings.health_host,
            self._settings.health_port,
            self._note_port,
        )

    def _note_port(self, server: Server) -> None:
        self.health_port = next(iter(server.sockets)).getsockname()[1]
        log.info("/health on %s:%d", self._settings.health_host, self.health_port)

    async def _leave(self) -> None:
        """Orders in flight first, then the farewell; each with its deadline."""
        self._systemd.stopping()
        if self._stop_program:
            await self._engine.control.stop(StopKind.PROGRAM, MACHINE)
        try:
            async with asyncio.timeout(DRAIN_S):
                await self._engine.drain()
        except TimeoutError:
            log.warning("not everything settled within %.0f s", DRAIN_S)
        if not self._host.is_up:
            return
        try:
            async with asyncio.timeout(FAREWELL_S):
                await post_stop(self.app)
        except (TimeoutError, TelegramError) as error:
            log.warning("no farewell: %s", type(error).__name__)
