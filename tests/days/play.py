"""Plays a card: buys by hand in the lowest minute before the high, then lets the day pass."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import groupby
from pathlib import Path

from sandbox.market import Print
from sandbox.model import Server, Side, Trade
from sandbox.recorded import find, load
from sandbox.scenario import Scenario, StartingHolding, recorded_listings
from sandbox.session import at
from tests.days.cards import Card
from tests.days.rows import CENT, Row, read
from tests.harness.stage import Stage, et, stage
from tests.harness.stepped_loop import SteppedLoop, run_stepped

# After the minute's last print, before the next minute's first.
JUST_BEFORE_THE_NEXT = timedelta(seconds=59, milliseconds=500)
WARM_UP = timedelta(minutes=5)
# Where nothing may be sold, the afternoon is played as well.
SUMMARY_TOLD, MARKET_CLOSED = (12, 12), (16, 5)


@dataclass(frozen=True, slots=True)
class Minute:
    """A traded minute of the tape."""

    start: datetime
    low: Decimal
    high: Decimal
    close: Decimal


def buying_minute(minutes: list[Minute]) -> Minute:
    """The minute at whose end the trader buys: the lowest one before the highest one.

    Lowest by its low, highest by its high, the earliest of equals, all within the card's window,
    so that what the day does afterwards is no help. The first minute cannot be the highest:
    nothing could be bought before it.
    """
    top = max(minutes[1:], key=lambda minute: minute.high)
    return min((m for m in minutes if m.start < top.start), key=lambda minute: minute.low)


def minutes_of(prints: Iterable[Print], begin: datetime, end: datetime) -> list[Minute]:
    """The traded minutes from ``begin`` until ``end``."""
    found = []
    inside = (p for p in prints if begin <= p.at < end)
    for start, group in groupby(inside, key=lambda p: p.at.replace(second=0, microsecond=0)):
        prices = [p.price for p in group]
        found.append(Minute(start, min(prices), max(prices), prices[-1]))
    return found


def play(card: Card, data: Path, folder: Path) -> Row:
    """Play one card in stepped time; ``data`` holds the recordings, ``folder`` is the engine's."""
    files = find(data / "us", card.day, ticks=card.ticks)
    tape = load(files, shift_to=card.played_on, symbols=(card.symbol,))
    closes = {card.symbol: card.prev_close} if card.prev_close is not None else None
    listings = recorded_listings(tape, card.exchange, closes)
    begin, end = at(card.date, card.begin), at(card.date, card.end)
    prints = tape.prints(listings[0], card.date)
    minute = None if card.lot else buying_minute(minutes_of(prints, begin, end))
    held = (StartingHolding(Server.REAL, card.symbol, *card.lot),) if card.lot else ()
    scenario = Scenario(
        start=(minute.start if minute else begin) - WARM_UP,
        listings=listings,
        tape=tape,
        holdings=held,
    )
    config = "  existing_holdings: always\n" if card.lot else ""

    async def main(loop: SteppedLoop) -> Row:
        async with stage(loop, folder, scenario, target=card.target, config=config) as s:
            trades: list[Trade] = []
            s.world.market.on_trade(trades.append)
            if minute is not None:
                await s.go_to(minute.start + JUST_BEFORE_THE_NEXT)
                _buy(s, card, minute)
            await s.go_to(et(card.date, *SUMMARY_TOLD if card.expect.is_sale else MARKET_CLOSED))
            return read(s, card, trades, end)

    return run_stepped(main)


def _buy(s: Stage, card: Card, minute: Minute) -> None:
    s.world.catch_up()
    limit = minute.close.quantize(CENT, ROUND_HALF_UP) if card.rests else None
    s.world.books.hand_order(Server.REAL, Side.BUY, card.symbol, card.qty, limit)
