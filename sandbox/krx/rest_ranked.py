"""Who takes part in a ranking: today's traded names, sifted as a call asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sandbox.kis_wire import Call
from sandbox.krx.listings import KOSDAQ, KOSPI, KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.rest_codes import FULL_MARGIN_PCT, input_refusal, margin_pct
from sandbox.krx.rest_snapshot import KRX_MARKET, Snapshot, pct, snapshot

# ``fid_input_iscd``: everything, a segment, or an index's members.
EVERYTHING, LARGE_KOSPI = "0000", "2001"
SEGMENTS = {"0001": KOSPI, "1001": KOSDAQ}
# What each digit of ``fid_trgt_exls_cls_code`` leaves out.
EXCLUSIONS = (
    "warned", "managed", "liquidation", "unfaithful", "preferred", "halted", "etf", "etn",
    "no_credit", "spac",
)  # fmt: skip
# Digits of ``fid_trgt_cls_code`` by margin rate; its last four are about credit deposits.
MARGIN_DIGIT = {30: 0, 40: 1, 50: 2, 60: 3, FULL_MARGIN_PCT: 4}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One name of a ranking. Distances in per cent of the day's low, high and open."""

    shot: Snapshot
    flags: frozenset[str]

    @property
    def listing(self) -> KrxListing:
        """What it is."""
        return self.shot.listing

    @property
    def market_value(self) -> Decimal:
        """Won, at the last price."""
        return self.shot.price * self.listing.shares

    @property
    def from_open(self) -> Decimal:
        """Above the open, or below it."""
        return pct(self.shot.price, self.shot.range[0])

    @property
    def from_high(self) -> Decimal:
        """Never above 0."""
        return pct(self.shot.price, self.shot.range[1])

    @property
    def from_low(self) -> Decimal:
        """Never below 0."""
        return pct(self.shot.price, self.shot.range[2])

    @property
    def spread(self) -> Decimal:
        """The high above the low."""
        return pct(self.shot.range[1], self.shot.range[2])

    @property
    def strength(self) -> Decimal:
        """Bought in per cent of sold."""
        return Decimal(0) if self.shot.last is None else self.shot.last.strength


def ranked(market: KrxMarket, call: Call) -> Iterator[Ranked]:
    """What traded today in the market and segment asked for."""
    venue, scope = call["FID_COND_MRKT_DIV_CODE"], call["FID_INPUT_ISCD"]
    if venue not in {KRX_MARKET, "NX", "UN", "W"}:
        raise input_refusal("FID_COND_MRKT_DIV_CODE")
    if scope not in {EVERYTHING, LARGE_KOSPI, *SEGMENTS}:
        raise input_refusal("FID_INPUT_ISCD")
    if venue not in {KRX_MARKET, "UN"}:
        return
    for listing in market.listings():
        in_index = scope == LARGE_KOSPI and listing.large and listing.segment == KOSPI
        if scope == EVERYTHING or in_index or SEGMENTS.get(scope) == listing.segment:
            shot = snapshot(market, listing)
            if shot.volume:
                halted = market.state(listing.symbol).halted
                yield Ranked(shot, _flags(listing) | ({"halted"} if halted else set()))


def sifted(names: Iterable[Ranked], call: Call, *, division: bool = True) -> list[Ranked]:
    """Leave out what the call's filters leave out; blanks and single zeros restrict nothing."""
    left_out = _left_out(call["FID_TRGT_EXLS_CLS_CODE"])
    wanted = call["FID_TRGT_CLS_CODE"]
    prices = _bounds(call, ("FID_INPUT_PRICE_{}", "FID_APLY_RANG_PRC_{}"))
    least = decimal_of(call, "FID_VOL_CNT") or decimal_of(call, "FID_APLY_RANG_VOL") or Decimal(0)
    kind = call["FID_DIV_CLS_CODE"] if division else ""
    return [
        one
        for one in names
        if not left_out & one.flags
        and _has_margin(one.listing, wanted)
        and (prices[0] is None or one.shot.price >= prices[0])
        and (prices[1] is None or one.shot.price <= prices[1])
        and one.shot.volume >= least
        and (kind not in {"1", "2"} or (kind == "2") == ("preferred" in one.flags))
    ]


def decimal_of(call: Call, key: str) -> Decimal | None:
    """A parameter's number; None where it is blank or not there."""
    text = call.get(key).strip()
    if not text:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise input_refusal(key) from None


def _bounds(call: Call, names: tuple[str, ...]) -> tuple[Decimal | None, Decimal | None]:
    """From and to; 0 restricts nothing."""
    found: list[Decimal | None] = []
    for end in (1, 2):
        given = [decimal_of(call, name.format(end)) for name in names]
        found.append(next((value for value in given if value), None))
    return found[0], found[1]


def _left_out(digits: str) -> set[str]:
    if len(digits) != len(EXCLUSIONS):
        return set()
    return {name for digit, name in zip(digits, EXCLUSIONS, strict=True) if digit == "1"}


def _has_margin(listing: KrxListing, digits: str) -> bool:
    if "1" not in digits or len(digits) <= MARGIN_DIGIT[FULL_MARGIN_PCT]:
        return True
    return digits[MARGIN_DIGIT[margin_pct(listing)]] == "1"


def _flags(listing: KrxListing) -> frozenset[str]:
    found = {
        "warned": listing.warning != "00",
        "managed": listing.managed,
        "liquidation": listing.liquidation,
        "preferred": bool(listing.preferred),
        "halted": listing.halted,
        "etf": listing.group == "EF",
        "etn": listing.group == "EN",
        "no_credit": not listing.is_ordinary,
        "spac": listing.spac,
        "caution": listing.caution,
    }
    return frozenset(name for name, is_so in found.items() if is_so)
