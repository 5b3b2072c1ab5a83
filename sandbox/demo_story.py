"""What the trader of the demo does, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time

from sandbox.demo_control import DemoControl
from sandbox.session import at

MODE_S = 15.0
ANSWER_S = 15.0
SETTLE_S = 10.0


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


class Story:
    """Excerpts of one US day; market time runs at ``speed`` inside them, jumps between."""

    def __init__(self, control: DemoControl, speed: float = 60.0) -> None:
        self._control = control
        self._speed = speed

    async def excerpts(self, say: Callable[[str], None]) -> None:
        """Premarket, opening, end of the window."""
        day = (await self._control.now()).date()
        await self.go_live()
        say("US 04:00-04:12 ET (premarket, REST polling)")
        await self._play(day, time(4, 0), time(4, 12), PREMARKET)
        say("US 09:28-09:58 ET (opening, WebSocket)")
        await self._play(day, time(9, 28), time(9, 58), MORNING)
        await self._ask("/status")
        await self._ask("/positions")
        say("US 11:58-12:12 ET (end of the window, summary)")
        await self._play(day, time(11, 58), time(12, 12), ())
        await self._ask("/stats")

    async def first_minutes(self) -> None:
        """Interactive: the first buy within the first minute, a sale within three."""
        await self.go_live()
        # The reader needs a moment; bought at once, it would also count as held from before.
        await asyncio.sleep(SETTLE_S)
        await self._control.buy("AAPL", 5)
        await self._control.lift("AAPL", 5.0, 150)

    async def go_live(self) -> None:
        """LIVE against the sandbox, through the same confirmation as anywhere."""
        typed = await self._control.say("/mode live")
        await self._control.press("확인", after=typed)
        await self._control.until_message(
            lambda m: m["message_id"] > typed and "✅" in str(m["content"].get("text")),
            MODE_S,
            "the change to live",
        )

    async def _play(
        self, day: date, start: time, end: time, purchases: tuple[Purchase, ...]
    ) -> None:
        await self._control.jump(at(day, start))
        await self._control.set_speed(self._speed)
        for purchase in purchases:
            await self._control.until_market(at(day, purchase.when))
            symbol = await self._control.first_quoted(purchase.symbols)
            await self._control.buy(symbol, purchase.qty)
            if purchase.lift_pct:
                await self._control.lift(symbol, purchase.lift_pct, purchase.lift_seconds)
        await self._control.until_market(at(day, end))
        await self._control.set_speed(1.0)

    async def _ask(self, command: str) -> None:
        typed = await self._control.say(command)
        await self._control.until_message(
            lambda m: m["message_id"] > typed, ANSWER_S, f"an answer to {command}"
        )
