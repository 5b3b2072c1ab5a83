"""``demo --once``: excerpts of a Korean and an American trading day."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from sandbox.demo_control import DemoControl
from sandbox.demo_story import Story
from sandbox.krx import hours as krx_hours
from sandbox.session import at

PLAN_S = 15.0
DIGEST_S = 40.0
DIGEST_AT = time(15, 41)


@dataclass(frozen=True, slots=True)
class Purchase:
    """A buy by hand, and how far the market carries the stock afterwards (per cent).

    ``symbols``: the first of them that trades is bought; a thin premarket shows few.
    """

    when: time
    symbols: tuple[str, ...]
    qty: int
    lift_pct: float = 0.0
    lift_seconds: int = 0


LIVELY = ("NVDA", "TSLA", "MU", "AMD", "AMAT", "INTC", "GE")
PREMARKET = (Purchase(time(4, 1), LIVELY, 10, 6.0, 300),)
MORNING = (
    Purchase(time(9, 31), ("AAPL",), 5, 6.0, 600),
    Purchase(time(9, 33), ("SOXL",), 40, 7.0, 600),
    Purchase(time(9, 36), ("BAC",), 30, 6.0, 900),
    Purchase(time(9, 40), ("KO",), 10),
)


class Excerpts:
    """Market time runs at ``speed`` inside the excerpts, and jumps between them."""

    def __init__(self, control: DemoControl, speed: float) -> None:
        self._control = control
        self._story = Story(control)
        self._speed = speed
        self.chapters: list[tuple[int, str]] = []  # last message before each, and what it is

    async def play(self, say: Callable[[str], None]) -> None:
        """Seoul first, where the day begins sooner, then New York."""
        now = await self._control.now()
        await self._story.go_live()
        await self._korean_day(krx_hours.kst_date(now), say)
        await self._american_day(krx_hours.kst_date(now), say)
        for desk in ("국내", "미국"):
            await self._control.until_said(f"{desk} 하루 요약", 0, DIGEST_S)
        await self._story.ask_for_report()

    async def _korean_day(self, day: date, say: Callable[[str], None]) -> None:
        await self._control.until_said("국내 계획", 0, PLAN_S)
        await self._begin(
            "KRX 08:58-09:30 KST (동시호가, 진입, 청산 / auction, opening, entries and exits)",
            say,
        )
        await self._run(krx_hours.at(day, time(8, 58)))
        await asyncio.gather(
            self._story.ask_about_first_entry(),
            self._control.until_market(krx_hours.at(day, time(9, 30))),
        )
        await self._rest("/scan", "/positions")
        await self._begin(
            "KRX 15:12-15:32 KST (모두 팔고 마감 동시호가 / everything is sold, closing auction)",
            say,
        )
        await self._run(krx_hours.at(day, time(15, 12)))
        await self._control.until_market(krx_hours.at(day, time(15, 32)))
        await self._rest("/trades")
        await self._control.jump(krx_hours.at(day, DIGEST_AT))

    async def _american_day(self, day: date, say: Callable[[str], None]) -> None:
        await self._begin(
            "US 04:00-04:12 ET (프리마켓, 조회로 감시 / premarket, REST polling)", say
        )
        await self._buy_and_wait(day, time(4, 0), time(4, 12), PREMARKET)
        await self._begin("US 09:28-09:58 ET (개장, 웹소켓으로 감시 / opening, WebSocket)", say)
        await self._buy_and_wait(day, time(9, 28), time(9, 58), MORNING)
        await self._rest("/status", "/positions")
        await self._begin(
            "US 11:58-12:12 ET (매매 시간대의 끝, 요약 / end of the window, summary)", say
        )
        await self._buy_and_wait(day, time(11, 58), time(12, 12), ())
        await self._rest("/stats", "/balance")

    async def _begin(self, excerpt: str, say: Callable[[str], None]) -> None:
        self.chapters.append((await self._control.newest(), excerpt))
        say(excerpt)

    async def _buy_and_wait(
        self, day: date, start: time, end: time, purchases: tuple[Purchase, ...]
    ) -> None:
        await self._run(at(day, start))
        for purchase in purchases:
            await self._control.until_market(at(day, purchase.when))
            symbol = await self._control.first_quoted(purchase.symbols)
            await self._control.buy(symbol, purchase.qty)
            if purchase.lift_pct:
                await self._control.lift(symbol, purchase.lift_pct, purchase.lift_seconds)
        await self._control.until_market(at(day, end))

    async def _run(self, start: datetime) -> None:
        await self._control.jump(start)
        await self._control.set_speed(self._speed)

    async def _rest(self, *commands: str) -> None:
        """Ask at an easy pace."""
        await self._control.set_speed(1.0)
        for command in commands:
            await self._story.ask(command)
