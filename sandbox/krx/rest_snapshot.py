"""What the quotation calls know of a symbol: the regular session's day, whatever trades later.

Prices are whole won, amounts in won, rates in per cent with two decimals. A difference carries its
sign, as in the captured replies; the sign code tells limits from ordinary moves.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sandbox.kis_wire import Call, money
from sandbox.krx.listings import KrxListing
from sandbox.krx.market import KrxMarket
from sandbox.krx.model import DayBar, KrxTrade
from sandbox.krx.prices import band
from sandbox.krx.rest_codes import input_refusal

OK_QUOTE = ("MCA00000", "정상처리 되었습니다.")
KRX_MARKET = "J"
# ``J`` KRX, ``NX`` NXT, ``UN`` both, ``W`` warrants: only the first has anything here.
MARKETS = frozenset({KRX_MARKET, "NX", "UN", "W"})
UPPER, UP, SAME, LOWER, DOWN = "1", "2", "3", "4", "5"
HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One symbol as the regular session left it so far. ``day`` is None before its first trade."""

    listing: KrxListing
    day: DayBar | None
    last: KrxTrade | None
    limits: tuple[Decimal, Decimal]

    @property
    def base(self) -> Decimal:
        """Won; what changes are measured from."""
        return self.listing.base_price

    @property
    def price(self) -> Decimal:
        """The last regular price, the base price before the first trade."""
        return self.base if self.day is None else self.day.close

    @property
    def volume(self) -> int:
        """Shares today."""
        return 0 if self.day is None else self.day.volume

    @property
    def value(self) -> Decimal:
        """Won traded today."""
        return Decimal(0) if self.day is None else self.day.value

    @property
    def range(self) -> tuple[Decimal, Decimal, Decimal]:
        """Open, high and low; zeros before the first trade."""
        zero = Decimal(0)
        return (zero, zero, zero) if self.day is None else (
            self.day.open, self.day.high, self.day.low,
        )  # fmt: skip

    @property
    def change(self) -> Decimal:
        """Won against the base price."""
        return self.price - self.base

    @property
    def change_pct(self) -> Decimal:
        """Against the base price."""
        return pct(self.price, self.base)

    @property
    def sign(self) -> str:
        """``prdy_vrss_sign``."""
        lower, upper = self.limits
        if self.volume and self.price in {lower, upper}:
            return UPPER if self.price == upper else LOWER
        return sign_of(self.change)

    @property
    def volume_pct(self) -> Decimal:
        """Today's volume in per cent of yesterday's."""
        return pct_of(Decimal(self.volume), Decimal(self.listing.prev_volume))

    @property
    def turnover_pct(self) -> Decimal:
        """Today's volume in per cent of the shares there are."""
        return pct_of(Decimal(self.volume), Decimal(self.listing.shares))


def snapshot(market: KrxMarket, listing: KrxListing) -> Snapshot:
    """The present state of a listing."""
    bars = market.day_bars(listing.symbol, market.day, 1)
    traded = bars and bars[-1].day == market.day and bars[-1].volume
    return Snapshot(
        listing,
        bars[-1] if traded else None,
        market.last(listing.symbol),
        band(listing.base_price, listing.group),
    )


def asked_listing(market: KrxMarket, call: Call, key: str = "FID_INPUT_ISCD") -> KrxListing | None:
    """The listing a quotation call asks for; None for an unknown one or another market's."""
    venue = call["FID_COND_MRKT_DIV_CODE"]
    if venue not in MARKETS:
        raise input_refusal("FID_COND_MRKT_DIV_CODE")
    return market.listing(call[key]) if venue in {KRX_MARKET, "UN"} else None


def change_fields(shot: Snapshot) -> dict[str, str]:
    """Change of the day."""
    return {
        "prdy_vrss": money(shot.change, 0),
        "prdy_vrss_sign": shot.sign,
        "prdy_ctrt": money(shot.change_pct, 2),
    }


def range_fields(shot: Snapshot) -> dict[str, str]:
    """Open, high and low of the day."""
    names = ("stck_oprc", "stck_hgpr", "stck_lwpr")
    return {name: money(value, 0) for name, value in zip(names, shot.range, strict=True)}


def volume_fields(shot: Snapshot) -> dict[str, str]:
    """Shares and won of the day."""
    return {"acml_vol": str(shot.volume), "acml_tr_pbmn": money(shot.value, 0)}


def sign_of(change: Decimal) -> str:
    """The sign code of a change that is no price limit."""
    return SAME if change == 0 else UP if change > 0 else DOWN


def pct(value: Decimal, reference: Decimal) -> Decimal:
    """By how many per cent ``value`` lies above ``reference``; 0 without a reference."""
    return (value / reference - 1) * 100 if reference else Decimal(0)


def pct_of(part: Decimal, whole: Decimal) -> Decimal:
    """``part`` in per cent of ``whole``; 0 of nothing."""
    return part / whole * 100 if whole else Decimal(0)


def blank(fields: str) -> dict[str, str]:
    """An answer that knows nothing."""
    return dict.fromkeys(fields.split(), "")
