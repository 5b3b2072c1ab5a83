from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.model.ids import Symbol
from engine.model.krx_settings import EntrySettings
from engine.model.listing import SecurityKind
from engine.model.money import Krw
from engine.model.orders import OrderKind
from engine.model.quotes import QuoteSource, Tick
from engine.rules.krx.entry_price import TICKS_UNDER_BID, entry_limit, exit_limit
from engine.rules.krx.price_steps import band, is_on_tick, step_down

DAY = date(2026, 1, 7)
SHARE = SecurityKind.COMMON
SETTINGS = EntrySettings()
MARKET = EntrySettings(kind=OrderKind.MARKET)
UPPER = 13_000


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


def tick(
    price: int, *, bid: int | None = None, ask: int | None = None, prev: int | None = None
) -> Tick[Krw]:
    at = datetime(2026, 1, 7, 1, 0, tzinfo=UTC)
    opt = [None if figure is None else won(figure) for figure in (bid, ask, prev)]
    return Tick(
        Symbol("000001"),
        at,
        won(price),
        QuoteSource.STREAM,
        bid=opt[0],
        ask=opt[1],
        prev_close=opt[2],
    )


def entry(seen: Tick[Krw], upper: int | None = UPPER, settings: EntrySettings = SETTINGS) -> int:
    limit = entry_limit(seen, upper, settings, DAY, SHARE)
    assert limit is not None
    return int(limit.amount)


@pytest.mark.parametrize(
    ("price", "ask", "limit"),
    [
        (10_000, 10_010, 10_010),  # what the seller asks
        (10_000, 10_050, 10_050),  # just inside the half per cent
        (10_000, 10_060, 10_050),  # the seller asks too much: wait at the collar
        (10_000, 9_990, 9_990),
        (10_000, None, 10_010),  # no book: one step above the last price
        (4_998, None, 5_000),  # a step into the next band
        (10_005, 10_010, 10_010),  # traded between two steps
    ],
)
def test_an_entry_lies_at_the_ask_but_not_above_the_collar(
    price: int, ask: int | None, limit: int
) -> None:
    assert entry(tick(price, ask=ask)) == limit


def test_a_collar_narrower_than_a_step_leaves_the_last_price() -> None:
    narrow = replace(SETTINGS, collar_pct=Decimal("0.01"))
    assert entry(tick(10_000, ask=10_010), settings=narrow) == 10_000


def test_an_entry_never_lies_above_the_upper_limit_known_or_reckoned() -> None:
    assert entry(tick(12_990, ask=13_010)) == 13_000
    assert entry(tick(12_990, ask=13_010, prev=10_000), None) == 13_000
    assert entry(tick(12_990, ask=13_010), None) == 13_010  # no bound is known


def test_a_market_entry_reserves_the_upper_limit_and_is_not_made_without_one() -> None:
    assert entry(tick(10_000, ask=10_010), settings=MARKET) == UPPER
    assert entry(tick(10_000, prev=10_000), None, MARKET) == 13_000
    assert entry_limit(tick(10_000), None, MARKET, DAY, SHARE) is None


@pytest.mark.parametrize(
    ("seen", "lower", "limit"),
    [
        (tick(10_000, bid=9_990), None, 9_960),
        (tick(10_000), None, 9_970),  # no book: under the last price
        (tick(5_010, bid=5_010), None, 4_990),  # steps of the band they land in
        (tick(7_010, bid=7_010), won(7_000), 7_000),
        (tick(7_010, bid=7_010, prev=10_000), None, 7_000),
    ],
)
def test_an_exit_lies_a_few_steps_under_the_bid_and_not_below_the_lower_limit(
    seen: Tick[Krw], lower: Krw | None, limit: int
) -> None:
    assert exit_limit(seen, lower, DAY, SHARE) == won(limit)


def test_a_market_exit_may_get_the_lower_limit() -> None:
    seen = tick(10_000, bid=9_990)
    assert exit_limit(seen, won(7_000), DAY, SHARE, OrderKind.MARKET) == won(7_000)
    assert exit_limit(seen, None, DAY, SHARE, OrderKind.MARKET) == won(9_960)


@given(
    base=st.integers(1_000, 500_000),
    move=st.floats(0, 1),
    spread=st.integers(0, 2_000),
    collar=st.decimals(0, 3, places=2),
    kind=st.sampled_from([SecurityKind.COMMON, SecurityKind.ETF]),
    shows=st.booleans(),
)
def test_every_limit_can_be_ordered_and_honours_its_bound(
    *, base: int, move: float, spread: int, collar: Decimal, kind: SecurityKind, shows: bool
) -> None:
    lower, upper = band(won(base), DAY, kind)
    price = int(lower.amount) + int(move * int((upper - lower).amount))
    seen = tick(
        price,
        bid=max(price - spread, int(lower.amount)) if shows else None,
        ask=min(price + spread, int(upper.amount)) if shows else None,
        prev=base,
    )
    settings = replace(SETTINGS, collar_pct=collar)
    buy = entry_limit(seen, None, settings, DAY, kind)
    sell = exit_limit(seen, None, DAY, kind)
    assert buy is not None
    for limit in (buy, sell):
        assert is_on_tick(limit, DAY, kind)
        assert lower <= limit <= upper
    assert buy.amount <= price * (1 + collar / 100)
    assert sell <= (seen.bid or seen.price)
    assert sell == max(step_down(seen.bid or seen.price, TICKS_UNDER_BID, DAY, kind), lower)
