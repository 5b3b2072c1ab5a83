"""Runs with real child processes, real sockets and a real SIGKILL, drawn from a seed.

The US desk is live at ten times the clock; the sandbox's own switches are thrown meanwhile,
those of Telegram too. Processes cannot repeat exactly: what a seed fixes is the story.
"""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

from sandbox.acceptance import Reason
from sandbox.switches import SWITCHES
from tests.e2e.children import Assistant, Json, assistant
from tests.e2e.stage import sandbox
from tests.e2e.trader import Sandbox

SYMBOLS = ("AAPL", "KO")
SPEED = 10
KEPT = {"AUTOTRADE_MASTER_PASSPHRASE": "correct-horse-battery-staple-9"}
_START_S, _SOLD_S = 60.0, 120.0


@dataclass(slots=True)
class Told:
    """What came of a run."""

    seed: int
    kills: int = 0
    switches: int = 0
    orders: int = 0
    broken: list[str] = field(default_factory=list)


async def play_processes(seed: int) -> Told:
    """One story: bought by hand, troubled, killed, risen, and in the end all sold once."""
    dice, told = Random(seed), Told(seed)
    with tempfile.TemporaryDirectory() as folder:
        async with sandbox(Path(folder), seed=seed) as stage:
            bot = await _rise(stage, "first.log")
            try:
                await stage.go_live()
                await stage.play(SPEED)
                bot = await _story(stage, bot, dice, told)
                await _judge(stage, told)
            except AssertionError as error:
                told.broken.append(str(error)[:300])
            finally:
                await bot.__aexit__()
    return told


async def _story(stage: Sandbox, bot: Assistant, dice: Random, told: Told) -> Assistant:
    for life in range(dice.randint(1, 3)):
        for symbol in SYMBOLS:
            if dice.random() < 0.7 or not life:
                await _buy(stage, symbol, dice.randint(1, 9))
        if dice.random() < 0.8:
            await stage.post("/sandbox/switches", name=dice.choice(tuple(SWITCHES)), on=True)
            told.switches += 1
        if dice.random() < 0.7:
            await stage.lift(dice.choice(SYMBOLS), 5.0, 20)
        await asyncio.sleep(dice.uniform(0.3, 6.0))
        bot.process.kill()
        assert await bot.exit_code() == -signal.SIGKILL
        told.kills += 1
        await asyncio.sleep(dice.uniform(0.1, 3.0))
        await _turn_all_off(stage)
        bot = await _rise(stage, f"life{life}.log")
    for symbol in SYMBOLS:
        await stage.lift(symbol, 7.0, 20)
    return bot


async def _buy(stage: Sandbox, symbol: str, qty: int) -> None:
    """By hand; the exchange refuses what would meet the desk's own open sale."""
    try:
        await stage.buy(symbol, qty)
    except AssertionError as error:
        if Reason.SELF_TRADE.value not in str(error):
            raise


async def _rise(stage: Sandbox, log: str) -> Assistant:
    """Start it and wait for its greeting: others may keep the machine busy."""
    asked = await stage.say("/version")
    bot = await assistant(stage.home, env=KEPT, name=log)
    await stage.until_said("시작", after=asked, limit_s=_START_S)
    return bot


async def _turn_all_off(stage: Sandbox) -> None:
    """A new life begins untroubled, or its greeting could not be waited for."""
    for name in SWITCHES:
        await stage.post("/sandbox/switches", name=name, on=False)


async def _judge(stage: Sandbox, told: Told) -> None:
    """All that was bought after the desk went live is sold, once, and booked to the cent."""

    async def is_flat() -> bool:
        books = (await stage.get("/sandbox/books"))["real"]
        return not any(symbol in books["holdings"] for symbol in SYMBOLS)

    await stage.until(is_flat, "not all was sold", _SOLD_S)
    await asyncio.sleep(3)
    orders: list[Json] = (await stage.get("/sandbox/books"))["real"]["orders"]
    own = [o for o in orders if o["media"] == "OpenAPI" and o["action"] == "new"]
    told.orders = len(own)
    booked = _booked(stage.data / "live.db")
    for order in own:
        qty, value = booked.pop(order["order_no"].lstrip("0"), (0, Decimal(0)))
        if (qty, value) != (order["filled"], Decimal(order["filled_value"])):
            told.broken.append(f"booked {qty} for {value} of {order}")
    if booked:
        told.broken.append(f"booked, but nobody's: {booked}")
    if len(own) > _decided(stage.data / "live.db"):
        told.broken.append("more orders at the broker than were decided")


def _booked(path: Path) -> dict[str, tuple[int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        for number, qty, price in book.execute("SELECT broker_order_no, qty, price FROM fills"):
            shares, value = found.get(number.lstrip("0"), (0, Decimal(0)))
            found[number.lstrip("0")] = shares + qty, value + Decimal(price) * qty
    return found


def _decided(path: Path) -> int:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as book:
        return int(book.execute("SELECT count(*) FROM orders").fetchone()[0])
