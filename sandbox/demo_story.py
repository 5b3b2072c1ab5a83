"""What the trader of the demo does, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import time, timedelta

from sandbox import demo_words as words
from sandbox.demo_control import DemoControl
from sandbox.krx import hours as krx_hours

KRX, US = "krx", "us"
DESKS = (KRX, US)
MODE_S = 15.0
ANSWER_S = 15.0
SETTLE_S = 10.0
PICTURES_S = 60.0
# The Korean desk watches the opening range first; nobody wants to wait seven minutes for that.
PATIENT, HASTY = 1.0, 10.0
FIRST_ENTRY_BY = time(9, 20)


class Story:
    """One trader's part, typed and clicked as by anybody."""

    def __init__(self, control: DemoControl) -> None:
        self.control = control

    async def first_minutes(
        self, desk: str, speed: float = 0.0, say: Callable[[str], None] = lambda _: None
    ) -> None:
        """Interactive: the first buy within the first minute, its reasons or its sale soon after.

        Without a ``speed`` the clock hurries only to the Korean desk's first entry. ``say``: what
        the demo does in the trader's place.
        """
        say(words.GOES_LIVE)
        await self.go_live()
        if desk == US:
            say(words.BUYS)
            await self.control.set_speed(speed or PATIENT)
            # The reader needs a moment; bought at once, it would also count as held from before.
            await asyncio.sleep(SETTLE_S)
            await self.control.buy("AAPL", 5)
            await self.control.lift("AAPL", 5.0, 150)
            return
        await self.control.set_speed(speed or HASTY)
        if (symbol := await self.ask_about_first_entry()) is not None:
            say(words.asked_why(symbol))
        await self.control.set_speed(speed or PATIENT)
        say(words.yours(speed or PATIENT))

    async def go_live(self) -> None:
        """LIVE against the sandbox, through the same confirmation as anywhere, desk by desk."""
        for desk in DESKS:
            typed = await self.control.say(f"/mode live {desk}")
            await self.control.press("확인", after=typed)
            await self.control.until_said("✅", typed, MODE_S)

    async def ask(self, command: str) -> None:
        """Type a command and wait for an answer."""
        typed = await self.control.say(command)
        await self.control.until_said("", typed, ANSWER_S, f"an answer to {command}")

    async def ask_for_report(self) -> None:
        """``/report all`` and its pictures."""
        typed = await self.control.say("/report all")
        await self.control.until_album(typed, PICTURES_S)

    async def ask_about_first_entry(self) -> str | None:
        """``/why`` for the first stock the Korean desk buys; None if it buys none for long."""
        now = await self.control.now()
        latest = krx_hours.at(krx_hours.kst_date(now), FIRST_ENTRY_BY)
        symbol = await self.control.first_entry(until=max(latest, now + timedelta(minutes=1)))
        if symbol is not None:
            await self.control.until_said(symbol, 0, ANSWER_S)
            await self.ask(f"/why {symbol}")
        return symbol
