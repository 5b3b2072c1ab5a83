"""The trader of a soak: buys and sells in the broker's app, types, presses, and breaks things."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from engine.adapters.clocks import DemoClock
from sandbox.model import Fault
from tests.e2e.children import Json
from tests.e2e.trader import Sandbox
from tests.soak.chat import Chat, labels
from tests.soak.plan import Deed, Trouble
from tests.soak.told import first_text, kind_of

US = ("AAPL", "AMAT", "AMD", "BAC", "F", "GE", "INTC", "KO", "MU", "NVDA", "SOXL", "TSLA")
_CROSSING, _CENT = Decimal("1.01"), Decimal("0.01")
_LOOK_S, _THINKS_S = 0.5, (0.5, 4.0)


@dataclass
class Trader:
    """Plays a plan; what the market or the exchange refuses is no failure."""

    stage: Sandbox
    chat: Chat
    clock: DemoClock
    dice: Random
    bought: int = 0
    sold: int = 0
    refused: int = 0
    done: list[str] = field(default_factory=list)

    async def play(self, deeds: list[Deed]) -> None:
        """Troubles and the trader's own doings side by side: neither waits for the other."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._each(deeds, self._trouble, Trouble))
            group.create_task(self._each(deeds, self._do, str))
            pressing = group.create_task(self._press_what_asks())
            last = max((deed.until for deed in deeds), default=self.clock.now())
            await self.clock.sleep_until(last)
            pressing.cancel()

    async def _each(
        self, deeds: list[Deed], act: Callable[[Deed], Awaitable[None]], kind: type
    ) -> None:
        for deed in deeds:
            if isinstance(deed.what, kind):
                await self.clock.sleep_until(deed.at)
                await act(deed)

    async def _trouble(self, deed: Deed) -> None:
        assert isinstance(deed.what, Trouble)
        self.done.append(f"{deed.at:%d %H:%M} {deed.part} {deed.what.name}")
        for fault in deed.what.faults:
            await self._strike(fault)
        await self.clock.sleep_until(deed.until)
        await self.stage.end_faults()

    async def _strike(self, fault: Fault) -> None:
        await self.stage.fault(fault.channel, fault.kind, fault.target, fault.times, fault.value)

    async def _do(self, deed: Deed) -> None:
        match str(deed.what).split():
            case ["buy"]:
                await self._buy()
            case ["hand", desk]:
                await self._sell_by_hand(desk)
            case ["sell", answer]:
                await self._sell_in_chat(answer)
            case ["stop", _]:
                await self._ask_and_press("/stop", "취소")
            case ["pause", desk]:
                await self._pause(desk)
            case ["why"]:
                await self.chat.ask(f"/why {await self._some_korean()}")
            case ["lock"]:
                symbol = await self._some_korean()
                await self.chat.ask(f"/lock {symbol}")
                await self._ask_and_press(f"/unlock {symbol}", "확인")
            case ["set", answer]:
                await self._set(answer)
            case _:
                await self.chat.ask(str(deed.what))

    async def _buy(self) -> None:
        """At a limit well across the spread, and mostly the market goes there afterwards."""
        quotes = (await self.stage.get("/sandbox/state"))["quotes"]
        symbols = [symbol for symbol in US if quotes[symbol]["ask"] is not None]
        if not symbols:
            return
        symbol = self.dice.choice(symbols)
        limit = (Decimal(quotes[symbol]["ask"]) * _CROSSING).quantize(_CENT)
        qty = self.dice.randint(1, 30)
        self.bought += await self._by_hand("/sandbox/buy", symbol, qty, limit=str(limit))
        if self.dice.random() < 0.7:
            await self.stage.lift(symbol, self.dice.uniform(3.5, 5.0), 900)

    async def _sell_by_hand(self, desk: str) -> None:
        symbol, qty = await self._some_held(desk)
        if symbol:
            part = self.dice.randint(1, qty)
            self.sold += await self._by_hand("/sandbox/order", symbol, part, side="sell")

    async def _by_hand(self, path: str, symbol: str, qty: int, **more: str) -> bool:
        """In the broker's app; the exchange refuses what meets an open sale of the desk."""
        try:
            await self.stage.post(path, symbol=symbol, qty=qty, **more)
        except AssertionError:
            self.refused += 1
            return False
        return True

    async def _sell_in_chat(self, answer: str) -> None:
        symbol, _ = await self._some_held(self.dice.choice(("krx", "us")))
        if symbol:
            await self._ask_and_press(f"/sell {symbol}", "확인" if answer == "yes" else "취소")

    async def _pause(self, desk: str) -> None:
        await self.chat.ask(f"/pause {desk}")
        await asyncio.sleep(self.dice.uniform(2, 8))
        await self._ask_and_press(f"/resume {desk}", "확인")

    async def _set(self, answer: str) -> None:
        """Lower asks, higher does not."""
        await self._ask_and_press("/set target 2.9", "확인" if answer == "yes" else "취소")
        await self.chat.ask("/set target 3.0")

    async def _ask_and_press(self, text: str, label: str) -> None:
        found = await self.chat.ask(text)
        if found is None:
            return
        await asyncio.sleep(self.dice.uniform(*_THINKS_S))
        await self.chat.press(found, label)

    async def _press_what_asks(self) -> None:
        """[확인] under an alert that wants it, one of the choices under a question."""
        while True:
            for message in list(self.chat.messages.values()):
                if message["message_id"] not in self.chat.pressed and self._asks(message):
                    await asyncio.sleep(self.dice.uniform(*_THINKS_S))
                    choices = [one for one in labels(message) if "✏" not in one]
                    if choices:
                        await self.chat.press(message, self.dice.choice(choices))
            await asyncio.sleep(_LOOK_S)

    @staticmethod
    def _asks(message: Json) -> bool:
        text = first_text(message)
        return bool(labels(message)) and (
            kind_of(text) not in {None, "OrderAccepted"} or text.startswith("🔁")
        )

    async def _some_held(self, desk: str) -> tuple[str, int]:
        """A stock of the account, and how much of it could be sold; blank if there is none."""
        account = (await self.stage.get("/sandbox/books"))["real"]
        held = (account["krx"] if desk == "krx" else account)["holdings"]
        found = [(symbol, row["sellable"]) for symbol, row in held.items() if row["sellable"] > 0]
        return self.dice.choice(found) if found else ("", 0)

    async def _some_korean(self) -> str:
        account = (await self.stage.get("/sandbox/books"))["real"]["krx"]
        traded = sorted({order["symbol"] for order in account["orders"]})
        quotes = (await self.stage.get("/sandbox/state"))["quotes"]
        symbols: list[str] = traded or sorted(symbol for symbol in quotes if symbol.isdigit())
        return self.dice.choice(symbols)
