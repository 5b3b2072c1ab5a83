"""Columns of the domestic quotes in today's order and width, before an older layout is applied.

Source: kis-websocket.md 7.1, 7.2, 7.4; signs, decimals and quirks as in the captured frames.
Amounts are whole won, times KST.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from sandbox.frames import KST
from sandbox.krx.hours import KrxPhase
from sandbox.krx.listings import KrxListing
from sandbox.krx.model import BookLevels, EventKind, Expected, KrxTrade, Level, SymbolState
from sandbox.model import Side

LEVELS = 10
_CENT = Decimal("0.01")

# CCLD_DVSN; what an auction trades or would trade came from neither side.
_AGGRESSORS: Mapping[Side | None, str] = {Side.BUY: "1", Side.SELL: "5", None: "3"}
# NEW_MKOP_CLS_CODE, MARKET_CLS_CODE, HOUR_CLS_CODE of an expected price.
_PHASES: Mapping[KrxPhase, tuple[str, str, str]] = {
    KrxPhase.OPENING_AUCTION: ("10", "1", "B"),
    KrxPhase.CONTINUOUS: ("20", "2", "C"),  # a volatility auction
    KrxPhase.CLOSING_AUCTION: ("21", "2", "C"),
    KrxPhase.AFTER: ("30", "3", "A"),
    KrxPhase.CLOSED: ("31", "5", "A"),
}
_TRADED = "0"  # HOUR_CLS_CODE of what did trade, in the after-market too

# MKOP_CLS_CODE. The after-market has none in the documents: no frame tells of it.
MARKET_CODES: Mapping[EventKind, str] = {
    EventKind.OPENING_AUCTION: "110",
    EventKind.MARKET_OPEN: "112",
    EventKind.CLOSING_AUCTION: "121",
    EventKind.MARKET_CLOSE: "129",
}
_EXPECTED_PRICES = "311"  # ANTC_MKOP_CLS_CODE
_AUCTIONS = frozenset({EventKind.OPENING_AUCTION, EventKind.CLOSING_AUCTION, EventKind.VI_START})


@dataclass(frozen=True, slots=True)
class Scene:
    """What a record tells of a symbol beside the print itself.

    ``day`` is its last print, None before the first; ``reference`` is what a static interruption is
    measured from; ``auction_volume`` is that of today's last auction, 0 before; ``totals`` are the
    shares that were on offer and in demand in the book before this one.
    """

    listing: KrxListing
    base: Decimal
    band: tuple[Decimal, Decimal]
    state: SymbolState
    book: BookLevels
    day: KrxTrade | None
    reference: Decimal
    auction_volume: int = 0
    totals: tuple[int, int] | None = None


def trade_columns(trade: KrxTrade, scene: Scene) -> tuple[str, ...]:
    """H0STCNT0, 47 columns, of a print."""
    opening, market, _ = _PHASES[session_of(trade)]
    best = (trade.ask, trade.bid, trade.ask_size, trade.bid_size)
    print_ = (trade.at, trade.price, trade.size, _AGGRESSORS[trade.side])
    return _columns(scene, print_, best, (opening, _TRADED, market))


def session_of(trade: KrxTrade) -> KrxPhase:
    """Where a print belongs: the last one of an auction comes when its phase is over."""
    if not trade.is_auction:
        return trade.phase
    turned = {
        KrxPhase.OPENING_AUCTION: KrxPhase.CONTINUOUS,
        KrxPhase.CLOSED: KrxPhase.CLOSING_AUCTION,
    }
    return turned.get(trade.phase, trade.phase)


def expected_columns(expected: Expected, scene: Scene) -> tuple[str, ...]:
    """H0STCNT0, 47 columns, of what an auction would trade: looks like a print and is none."""
    opening, market, hour = _PHASES[expected.phase]
    ask, bid = _best(scene.book.asks), _best(scene.book.bids)
    print_ = (expected.at, expected.price, expected.size, _AGGRESSORS[None])
    best = (ask.price, bid.price, ask.size, bid.size)
    return _columns(scene, print_, best, (opening, hour, market))


def _columns(
    scene: Scene,
    print_: tuple[datetime, Decimal, int, str],
    best: tuple[Decimal, Decimal, int, int],
    codes: tuple[str, str, str],
) -> tuple[str, ...]:
    at, price, size, aggressor = print_
    ask, bid, ask_size, bid_size = best
    opening, hour, market = codes
    listing, korean = scene.listing, at.astimezone(KST)
    asks, bids = totals_of(scene.book)
    volume = scene.day.cum_volume if scene.day else 0
    yesterday = _yesterday_until(listing.prev_volume, korean)
    return (
        *(listing.symbol, f"{korean:%H%M%S}", _won(price), *_change(price, scene)),
        *_day_prices(scene.day),
        *(_won(ask), _won(bid), str(size), *_flow(scene.day), aggressor, _bought_share(scene.day)),
        *(_ratio(volume, listing.prev_volume), *_extremes(scene.day, price)),
        *(f"{korean:%Y%m%d}", opening, "Y" if scene.state.halted else "N"),
        *(str(ask_size), str(bid_size), str(asks), str(bids)),
        *(_ratio(volume, listing.shares), str(yesterday), _ratio(volume, yesterday)),
        *(hour, "", _won(scene.reference), market),
    )


def book_columns(
    scene: Scene, at: datetime, phase: KrxPhase, expected: Expected | None
) -> tuple[str, ...]:
    """H0STASP0, 63 columns; with what the auction would trade while one runs."""
    _, market, hour = _PHASES[phase]
    asks, bids = _ten(scene.book.asks), _ten(scene.book.bids)
    now = totals_of(scene.book)
    before = scene.totals or now
    price = expected.price if expected else Decimal(0)
    would = str(expected.size) if expected else "0"
    volume = scene.day.cum_volume if scene.day else 0
    sign, diff, rate = _change(price, scene)
    return (
        *(scene.listing.symbol, f"{at.astimezone(KST):%H%M%S}", hour if expected else _TRADED),
        *(_won(level.price) for level in asks),
        *(_won(level.price) for level in bids),
        *(str(level.size) for level in asks),
        *(str(level.size) for level in bids),
        *(str(now[0]), str(now[1]), "0", "0"),
        # Outside an auction the expected price is 0 and stands 100 % below the base, as captured.
        *(_won(price), would, would if expected else str(scene.auction_volume)),
        *(diff, sign, rate, str(volume)),
        *(str(now[0] - before[0]), str(now[1] - before[1]), "0", "0", "0"),
        *(_middle(asks[0].price, bids[0].price), "0", "0", market),
    )


def market_columns(listing: KrxListing, kind: EventKind, state: SymbolState) -> tuple[str, ...]:
    """H0STMKO0, 11 columns."""
    halted, reason = ("Y", "매매거래정지") if state.halted else ("N", "(null)")
    return (
        *(listing.symbol, halted, reason),
        *(MARKET_CODES.get(kind, ""), _EXPECTED_PRICES if kind in _AUCTIONS else "", "", ""),
        *(status_code(listing, state), "N" if state.vi_since is None else "Y", "N", "1"),
    )


def status_code(listing: KrxListing, state: SymbolState) -> str:
    """``ISCD_STAT_CLS_CODE``: the gravest of what is wrong; 55 (credit allowed) when nothing is."""
    if state.halted:
        return "58"
    if listing.managed or listing.liquidation:
        return "51"
    if listing.overheated:
        return "59"
    return {"03": "52", "02": "53", "01": "54"}.get(listing.warning, "55")


def totals_of(book: BookLevels) -> tuple[int, int]:
    """Shares on offer and in demand over all levels shown."""
    return sum(level.size for level in book.asks), sum(level.size for level in book.bids)


def _change(price: Decimal, scene: Scene) -> tuple[str, str, str]:
    """Sign, won and per cent against the base price, the latter two signed when negative."""
    diff = price - scene.base
    lower, upper = scene.band
    sign = _sign(diff)
    if price == upper:
        sign = "1"
    elif price == lower:
        sign = "4"
    return sign, _won(diff), f"{diff / scene.base * 100:.2f}" if scene.base else "0.00"


def _sign(diff: Decimal) -> str:
    return "3" if diff == 0 else "2" if diff > 0 else "5"


def _day_prices(day: KrxTrade | None) -> tuple[str, ...]:
    """Weighted average, open, high, low."""
    if day is None:
        return ("0.00", "0", "0", "0")
    average = day.cum_value / day.cum_volume if day.cum_volume else day.price
    return (f"{average:.2f}", _won(day.open), _won(day.high), _won(day.low))


def _flow(day: KrxTrade | None) -> tuple[str, ...]:
    """Volume and value so far, then who traded: counts, strength, shares."""
    if day is None:
        return ("0", "0", "0", "0", "0", "0.00", "0", "0")
    return (
        *(str(day.cum_volume), _won(day.cum_value)),
        *(str(day.sold_count), str(day.bought_count), str(day.bought_count - day.sold_count)),
        *(f"{day.strength:.2f}", str(day.sold_volume), str(day.bought_volume)),
    )


def _bought_share(day: KrxTrade | None) -> str:
    """A fraction of all shares, rounded up: both frames that were seen agree with that."""
    if day is None or not day.cum_volume:
        return "0.00"
    return str((Decimal(day.bought_volume) / day.cum_volume).quantize(_CENT, ROUND_CEILING))


def _extremes(day: KrxTrade | None, price: Decimal) -> tuple[str, ...]:
    """Time of the open, the high and the low, each with the price's distance from it."""
    if day is None:
        return ("000000", "3", "0") * 3
    fields: list[str] = []
    for at, level in ((day.open_at, day.open), (day.high_at, day.high), (day.low_at, day.low)):
        fields += [f"{at.astimezone(KST):%H%M%S}", _sign(price - level), _won(price - level)]
    return tuple(fields)


def _yesterday_until(volume: int, korean: datetime) -> int:
    """Yesterday's volume by this time of the day, as if it had come evenly from 09:00 to 15:30."""
    minutes = korean.hour * 60 + korean.minute - 9 * 60
    return volume * min(max(minutes, 0), 390) // 390


def _ratio(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}" if whole else "0.00"


def _best(levels: Sequence[Level]) -> Level:
    return levels[0] if levels else Level(Decimal(0), 0)


def _ten(levels: Sequence[Level]) -> list[Level]:
    missing = LEVELS - len(levels)
    return [*levels[:LEVELS], *[Level(Decimal(0), 0)] * missing]


def _middle(ask: Decimal, bid: Decimal) -> str:
    """Between the best prices, half a won where it falls there; 0 while a side is empty."""
    return str((ask + bid) / 2) if ask and bid else "0"


def _won(value: Decimal) -> str:
    return str(int(value))
