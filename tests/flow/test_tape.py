"""The tape makes of ticks the candles one would make of them by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from engine.flow.tape import KEPT, Tape
from engine.model.candles import MinuteCandle
from engine.model.ids import Symbol
from engine.model.money import Krw, Usd
from engine.model.quotes import QuoteSource, Tick

A, B = Symbol("000100"), Symbol("000200")
OPEN = datetime(2026, 3, 10, 0, 0, tzinfo=UTC)


def tick(at: datetime, price: str, volume: int | None = None, symbol: Symbol = A) -> Tick[Krw]:
    return Tick(symbol, at, Krw(Decimal(price)), QuoteSource.STREAM, cum_volume=volume)


def test_random_ticks_make_the_candles_of_a_plain_loop() -> None:
    random, tape = Random(7), Tape[Krw]()
    at, volume, price = OPEN, 1_000, 10_000
    expected: dict[datetime, list[int]] = {}
    for _ in range(3_000):
        at += timedelta(seconds=random.choice((0, 1, 3, 90)))
        before, volume = volume, volume + random.randrange(50)
        price += random.choice((-10, 0, 10))
        tape.add(tick(at, str(price), volume))
        minute = at.replace(second=0)
        opened, high, low, _, traded = expected.get(minute, [price] * 4 + [0])
        added = volume - before if expected else 0
        expected[minute] = [opened, max(high, price), min(low, price), price, traded + added]
    seen = tape.minutes(A, OPEN)
    assert len(seen) == KEPT
    figures = {
        one.at: [*(int(p.amount) for p in (one.open, one.high, one.low, one.close)), one.volume]
        for one in seen
    }
    assert figures == dict(list(expected.items())[-KEPT:])


def test_dollars_keep_their_cents_and_each_symbol_its_own_minutes() -> None:
    tape = Tape[Usd]()
    for price in ("190.1234", "189.99", "190.05"):
        tape.add(Tick(Symbol("AAPL"), OPEN, Usd(Decimal(price)), QuoteSource.STREAM))
    (one,) = tape.minutes(Symbol("AAPL"), OPEN)
    opened, low, close = (Usd(Decimal(p)) for p in ("190.1234", "189.99", "190.05"))
    assert one == MinuteCandle(OPEN, opened, opened, low, close, 0)
    assert tape.minutes(Symbol("MSFT"), OPEN) == ()


def test_only_minutes_from_the_one_asked_for_on() -> None:
    tape = Tape[Krw]()
    for minute in range(5):
        tape.add(tick(OPEN + timedelta(minutes=minute), "10000", minute))
    since = OPEN + timedelta(minutes=3, seconds=30)
    assert [one.at.minute for one in tape.minutes(A, since)] == [3, 4]


def test_a_tick_of_a_minute_that_is_over_changes_nothing() -> None:
    tape = Tape[Krw]()
    tape.add(tick(OPEN + timedelta(minutes=1), "10000", 5))
    tape.add(tick(OPEN, "9000", 9))
    (one,) = tape.minutes(A, OPEN)
    assert (one.low, one.volume) == (Krw(Decimal(10_000)), 0)


def test_a_new_day_counts_its_volume_from_nothing() -> None:
    tape = Tape[Krw]()
    tape.add(tick(OPEN, "10000", 5_000))
    tape.add(tick(OPEN + timedelta(days=1), "10000", 100))
    tape.add(tick(OPEN + timedelta(days=1, seconds=20), "10000", 130))
    assert [one.volume for one in tape.minutes(A, OPEN)] == [0, 30]
