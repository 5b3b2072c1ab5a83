"""Plays a soak: both processes, the trader, the faults, and the measuring beside them."""

from __future__ import annotations

import asyncio
import csv
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import httpx

from engine.adapters.clocks import DemoClock
from sandbox import session
from sandbox.demo_books import DeskBooks, booked, differences, told_cash, written
from tests.e2e.children import PASSPHRASE, Assistant, Json, assistant
from tests.e2e.stage import sandbox
from tests.e2e.trader import Sandbox
from tests.soak.chat import Chat
from tests.soak.judge import Latched
from tests.soak.plan import Deed, draw
from tests.soak.samples import COLUMNS, Sample, Timing, Where, row, sample
from tests.soak.trader import Trader

MORE = """\
costs:
  krx_fee_pct: 0.0140527        # the sandbox's tariff
domestic:
  enabled: true
  scan: {rankings_every_s: 60}
  entry: {timeout_s: 60, max_quote_age_s: 60}
  exit: {reprice_after_s: 30}
risk: {max_trades: 40, max_daily_loss_pct: 10, loss_streak: 6}  # or the morning is all there is
"""
_SEE_S = 0.5
_UP_S, _SETTLE_S, _TOLD_S, _PATIENT_S = 60.0, 5.0, 90.0, 60.0


@dataclass
class Soak:
    """A run and what was seen of it."""

    out: Path
    start: datetime
    hours: float
    speed: float
    seed: int
    samples: list[Sample] = field(default_factory=list)
    latched: dict[str, Latched] = field(default_factory=lambda: {"us": [], "krx": []})
    us_calls: dict[str, int] = field(default_factory=dict)
    krx_calls: dict[str, int] = field(default_factory=dict)
    answered: list[int] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    exit_code: int | None = None
    log: str = ""
    books: Json = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    facts: dict[str, int] = field(default_factory=dict)
    mismatches: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    trader: str = ""

    async def play(self) -> None:
        """From the start of both processes to their end."""
        home = self.out / "home"
        home.mkdir(parents=True)
        korean = self.start.astimezone(session.KST)
        async with sandbox(
            home, start=f"{korean:%H:%M}KST", seed=self.seed, day=korean.date()
        ) as stage:
            stage.configure(MORE)
            stage.http.timeout = _PATIENT_S  # a stalled machine is told by its lateness
            env = {"AUTOTRADE_MASTER_PASSPHRASE": PASSPHRASE}
            async with await assistant(home, env=env) as bot:
                await self._live(stage, bot)
                self.exit_code = await bot.stop()
            self.log = bot.words

    async def _live(self, stage: Sandbox, bot: Assistant) -> None:
        chat, clock = Chat(stage), DemoClock(stage.data / "demo.json")
        following = asyncio.ensure_future(chat.follow())
        try:
            await stage.until_said("시작", limit_s=_UP_S)
            await _go_live(stage)
            await stage.play(self.speed)
            begun = clock.now()
            end = begun + timedelta(hours=self.hours)
            self.deeds = draw(self.seed, begun, end)
            trader = Trader(stage, chat, clock, Random(self.seed + 1))
            await self._until(end, begun, trader, bot)
            await self._settle(stage, chat)
            self.trader = (
                f"bought {trader.bought} and sold {trader.sold} by hand, {trader.refused} refused, "
                f"typed {chat.typed}, pressed under {len(chat.pressed)}"
            )
        finally:
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following

    async def _until(self, end: datetime, begun: datetime, trader: Trader, bot: Assistant) -> None:
        """A failure of one ends both; a dead assistant does not answer the watcher."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch(begun, trader, bot))
            group.create_task(trader.play(self.deeds))
            await trader.clock.sleep_until(end)
            watching.cancel()

    async def _watch(self, begun: datetime, trader: Trader, bot: Assistant) -> None:
        """A sample a market minute; the latches more often, for they may be short."""
        every_s = max(60.0 / self.speed, _SEE_S)
        port = await bot.health_port()
        where = Where(bot.process.pid, trader.stage.pid, trader.stage.data, bot.log)
        clock, due = trader.clock, time.monotonic()
        with (self.out / "samples.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            async with httpx.AsyncClient(timeout=_PATIENT_S) as http:
                while True:
                    health, health_ms = await self._see(http, port, clock.now())
                    if (now := time.monotonic()) >= due:
                        asked = time.monotonic()
                        await trader.stage.get("/sandbox/switches")
                        market = clock.now()
                        timing = Timing(
                            market,
                            (market - begun).total_seconds() / 3600,
                            (time.monotonic() - asked) * 1000,
                            health_ms,
                            (now - due) * 1000,
                        )
                        messages = len(trader.chat.messages)
                        self.samples.append(sample(where, timing, health, messages))
                        table.writerow(row(self.samples[-1]))
                        file.flush()
                        due = now + every_s
                    await asyncio.sleep(_SEE_S)

    async def _see(
        self, http: httpx.AsyncClient, port: int, market: datetime
    ) -> tuple[Json, float]:
        asked = time.monotonic()
        reply = await http.get(f"http://127.0.0.1:{port}/health")
        took_ms = (time.monotonic() - asked) * 1000
        health: Json = reply.json()
        self.answered.append(reply.status_code)
        for desk in ("us", "krx"):
            latches = health["desks"][desk]["latches"]
            if latches is not None:
                self.latched[desk].append((market, latches["guard"] != "running"))
        for zone, calls, used in (
            (session.ET, self.us_calls, health["quota"]["us"]),
            (session.KST, self.krx_calls, health["quota"]["krx"]),
        ):
            day = market.astimezone(zone).date().isoformat()
            calls[day] = max(calls.get(day, 0), (used or {}).get("used_today", 0))
        return health, took_ms

    async def _settle(self, stage: Sandbox, chat: Chat) -> None:
        """Let what is under way arrive, then close the books."""
        await stage.end_faults()
        await stage.play(1)
        await chat.ask("/balance krx")
        await chat.ask("/balance us")

        async def is_told() -> bool:
            return _untold(stage.data) == 0

        with suppress(AssertionError):
            await stage.until(is_told, "alerts wait", _TOLD_S)
        await asyncio.sleep(_SETTLE_S)
        await chat.look()
        self.books = (await stage.get("/sandbox/books"))["real"]
        self.messages = [chat.messages[number] for number in sorted(chat.messages)]
        self.unanswered = chat.unanswered
        self.facts = _facts(stage.data)
        self.mismatches = list(_mismatches(self.books, stage, await stage.transcript()))


async def _go_live(stage: Sandbox) -> None:
    """Both desks, through the same confirmation as anywhere."""
    await stage.switch_korea_live()
    typed = await stage.say("/mode live us")
    await stage.press("확인", after=typed)
    await stage.until_said("✅ 미국: 실전", after=typed)


def _mismatches(books: Json, stage: Sandbox, transcript: Json) -> Iterator[str]:
    """Orders, executions, holdings and cash of both desks that differ."""
    ours, cash = written(stage.data / "live.db"), told_cash(transcript)
    for desk, account in (("us", books), ("krx", books["krx"])):
        for difference in differences(booked(account), ours.get(desk, DeskBooks())):
            yield f"{desk} {difference}"
        is_of_interest = desk in cash or account["orders"]
        if is_of_interest and cash.get(desk) != Decimal(account["cash"]):
            yield f"{desk} cash: sandbox {account['cash']}, told {cash.get(desk)}"


def _facts(data: Path) -> dict[str, int]:
    """How many of each kind, also from before the desks went live."""
    found: Counter[str] = Counter()
    for book in ("dry_run.db", "live.db"):
        found.update(dict(_rows(data / book, "SELECT kind, count(*) FROM facts GROUP BY kind")))
    return dict(found)


def _untold(data: Path) -> int:
    """Alerts that nobody has yet."""
    query = "SELECT count(*) FROM outbox WHERE done = 0 AND times_told = 0"
    return int(_rows(data / "state.db", query)[0][0])


def _rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchall()
