import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from sandbox.krx.day_path import day_path
from sandbox.krx.hours import krx_day
from sandbox.krx.invented import InventedTape
from sandbox.krx.listings import DEFAULT_KRX, KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import KrxTrade
from sandbox.krx.past import invented_days
from sandbox.krx.plots import Part, Role
from sandbox.krx.prices import is_on_tick
from sandbox.krx.tape import KrxPrint, PrintKind
from sandbox.krx.volume_curve import OPENING_SHARE, REST, minute_shares
from sandbox.model import Side
from tests.sandbox.krx_stage import DAY, kst

BY_SYMBOL = {listing.symbol: listing for listing in DEFAULT_KRX}
BUSY, THIN, FUND, HALTED = (BY_SYMBOL[code] for code in ("820090", "820310", "830050", "860050"))
HALF_HOUR = 30


def tape(seed: int = 1) -> InventedTape:
    return InventedTape(seed, DEFAULT_KRX)


def day_of(listing: KrxListing, seed: int = 1) -> list[KrxPrint]:
    return list(tape(seed).prints(listing, DAY))


def test_the_same_seed_gives_the_same_day_and_another_seed_another() -> None:
    assert day_of(THIN, 7) == day_of(THIN, 7)
    assert day_of(THIN, 7) != day_of(THIN, 8)


def test_every_print_is_in_time_order_on_its_step_and_within_its_book() -> None:
    day = day_of(BUSY)
    assert [entry.at for entry in day] == sorted(entry.at for entry in day)
    for entry in day:
        assert is_on_tick(entry.price)
        if entry.kind is PrintKind.TRADE:
            assert entry.bid is not None
            assert entry.ask is not None
            assert is_on_tick(entry.ask)
            assert entry.price == (entry.ask if entry.side is Side.BUY else entry.bid)
            assert entry.bid < entry.ask


def test_nothing_trades_between_continuous_trading_and_the_closing_print() -> None:
    hours = krx_day(DAY)
    kinds = {entry.kind for entry in day_of(BUSY) if hours.close_auction <= entry.at < hours.close}
    assert kinds == {PrintKind.EXPECTED}
    auctions = [entry.at for entry in day_of(BUSY) if entry.kind is PrintKind.AUCTION]
    assert auctions == [hours.open, hours.close]


def test_the_opening_is_busier_than_noon_and_a_thin_name_than_none() -> None:
    volumes: Counter[str] = Counter()
    for entry in day_of(BUSY):
        if kst(9) < entry.at < kst(9, 15):
            volumes["opening"] += entry.size
        elif kst(12) <= entry.at < kst(12, 15):
            volumes["noon"] += entry.size
    assert volumes["opening"] > 2 * volumes["noon"] > 0
    assert 10 < len(day_of(THIN)) < len(day_of(BUSY)) / 2
    assert day_of(HALTED) == []


def test_funds_have_no_evening_and_shares_a_quiet_one() -> None:
    hours = krx_day(DAY)
    assert hours.after_open is not None
    assert day_of(FUND)[-1].at == hours.close
    evening = [entry for entry in day_of(BUSY) if entry.at >= hours.after_open]
    assert 0 < len(evening) < len(day_of(BUSY)) / 20


def test_the_days_before_end_at_the_base_price_and_average_the_usual_volume() -> None:
    days = invented_days(1, BUSY, DAY)
    assert len(days) == 120
    assert days[-1].close == BUSY.base_price
    assert all(bar.low <= min(bar.open, bar.close) for bar in days)
    assert all(bar.high >= max(bar.open, bar.close) for bar in days)
    mean = sum(bar.volume for bar in days) / len(days)
    assert 0.8 < mean / BUSY.usual_volume < 1.25


# -- breakouts ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 21))
def test_each_morning_has_at_least_six_names_that_leave_their_level(seed: int) -> None:
    left = 0
    for symbol, part in tape(seed).parts(DAY).items():
        if part.start >= HALF_HOUR or part.role in {Role.ROCKET, Role.SLUMP}:
            continue
        dice = random.Random(f"{seed}:{symbol}")
        high = dice.uniform(0.002, 0.018)
        path = day_path(dice, 380, high, part)
        level = max(high, *path.prices[: part.start - 1])
        beyond = max(path.prices[part.start : HALF_HOUR]) - level
        left += 0.02 <= beyond <= 0.075
        # It did not get there before its time.
        assert max(path.prices[: part.start - 2]) <= level
    assert left >= 6


def test_runs_end_above_their_level_and_failures_below_it() -> None:
    for role, above in ((Role.RUN, True), (Role.FADE, False), (Role.TRAP, False)):
        dice = random.Random(5)
        part = next(p for p in tape().parts(DAY).values() if p.role is role and p.start < 25)
        path = day_path(dice, 380, 0.01, part)
        assert (path.prices[part.start + 58] > 0.01) is above


def test_a_far_high_is_met_by_a_gap_and_one_out_of_reach_forgotten() -> None:
    part = Part(Role.RUN, 10, 0.04)
    near, far = (day_path(random.Random(1), 380, high, part) for high in (0.035, 0.08))
    assert 0.015 < near.prices[0] < 0.035
    assert max(near.prices[10:HALF_HOUR]) > 0.055
    assert max(far.prices[:HALF_HOUR]) < 0.075
    # The way there is walked, not jumped.
    steps = [abs(after - before) for before, after in pairwise(near.prices)]
    assert max(steps) < 0.02


def test_a_breakout_brings_volume_far_above_the_usual_for_the_time_of_day() -> None:
    parts = tape().parts(DAY)
    morning = [BY_SYMBOL[s] for s, part in parts.items() if part.start < 20]
    market = KrxMarket(morning, tape(), kst(8))
    lasts: dict[str, KrxTrade] = {}
    seen: dict[str, tuple[float, KrxTrade]] = {}
    while market.next_at() < kst(9, HALF_HOUR):
        trade = market.pop()
        if trade is None:
            continue
        lasts[trade.symbol] = trade
        start = kst(9, parts[trade.symbol].start)
        if trade.at < start + timedelta(minutes=5):
            minutes = 1 + int((trade.at - kst(9)).total_seconds()) // 60
            usual = OPENING_SHARE + REST * sum(minute_shares(380)[:minutes])
            bars = market.day_bars(trade.symbol, DAY, 21)[:20]
            seen[trade.symbol] = (
                20 * trade.cum_volume / usual / sum(b.volume for b in bars),
                trade,
            )
    assert len(morning) >= 6
    assert min(ratio for ratio, _ in seen.values()) > 1.8
    strong = [trade for _, trade in seen.values() if trade.strength > 100]
    assert len(strong) > len(seen) / 2
    shown = [int(t.bid * t.bid_size) for t in lasts.values()]
    assert all(4_000_000 <= won <= 310_000_000 for won in shown)


def test_a_rocket_is_interrupted_and_stays_within_the_limits() -> None:
    seed, symbol = next(
        (seed, symbol)
        for seed in range(1, 20)
        for symbol, part in tape(seed).parts(DAY).items()
        if part.role is Role.ROCKET and part.start < 60
    )
    market = KrxMarket([BY_SYMBOL[symbol]], tape(seed), kst(8))
    while market.next_at() < kst(10, HALF_HOUR):
        market.pop()
    assert market.vis()[0].price > market.base(symbol)
    last = market.last(symbol)
    assert last is not None
    assert market.band(symbol)[0] <= last.low <= last.high <= market.band(symbol)[1]


def test_a_list_without_leaders_still_has_quiet_days() -> None:
    quiet = InventedTape(1, [THIN])
    assert quiet.parts(DAY) == {}
    raised = replace(THIN, prev_high=THIN.base_price * Decimal("1.01"))
    assert any(entry.kind is PrintKind.TRADE for entry in quiet.prints(raised, DAY))
