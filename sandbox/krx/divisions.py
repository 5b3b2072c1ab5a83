"""Order type codes (``ORD_DVSN``) taken apart: how they price, how long they last, and when.

Codes 41-47 replaced the single-price session on 2026-09-14. Mid-price orders (21, 23, 24) and the
NXT codes (27-29) are not offered here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, StrEnum

from sandbox.krx.hours import KrxDay


class Pricing(Enum):
    """Where an order's price comes from."""

    LIMIT = "limit"
    MARKET = "market"
    CONDITIONAL = "limit, market in the closing auction"
    BEST = "best of the other side"
    FIRST = "first in line on its own side"
    CLOSE = "a closing price"
    STOP = "limit once the trigger has traded"


class Lasts(Enum):
    """What happens to the rest of an order that did not trade on arrival; codes as notified."""

    DAY = "0"
    IOC = "1"
    FOK = "2"


class Window(Enum):
    """The stretch of a trading day in which a type is taken."""

    WHOLE_DAY = "from the opening auction to the close"
    CONTINUOUS = "continuous trading only"
    BEFORE_HOURS = "ten minutes from the opening auction"
    AFTER_HOURS = "half an hour from the close"
    AFTER_MARKET = "the after-market"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a code means."""

    pricing: Pricing
    lasts: Lasts
    window: Window


class Division(StrEnum):
    """The codes the sandbox knows."""

    LIMIT = "00"
    MARKET = "01"
    CONDITIONAL = "02"
    BEST = "03"
    FIRST = "04"
    BEFORE_HOURS = "05"
    AFTER_HOURS = "06"
    LIMIT_IOC = "11"
    LIMIT_FOK = "12"
    MARKET_IOC = "13"
    MARKET_FOK = "14"
    BEST_IOC = "15"
    BEST_FOK = "16"
    STOP = "22"
    AFTER_LIMIT = "41"
    AFTER_LIMIT_IOC = "42"
    AFTER_LIMIT_FOK = "43"
    AFTER_BEST = "44"
    AFTER_BEST_IOC = "45"
    AFTER_BEST_FOK = "46"
    AFTER_FIRST = "47"

    @property
    def terms(self) -> Terms:
        """What the code means."""
        return _TERMS[self]

    @property
    def pricing(self) -> Pricing:
        """Where the price comes from."""
        return self.terms.pricing

    @property
    def has_limit(self) -> bool:
        """Whether the customer names the price."""
        return self.pricing in {Pricing.LIMIT, Pricing.CONDITIONAL, Pricing.STOP}


_DAY, _IOC, _FOK = Lasts.DAY, Lasts.IOC, Lasts.FOK
_TERMS = {
    Division.LIMIT: Terms(Pricing.LIMIT, _DAY, Window.WHOLE_DAY),
    Division.MARKET: Terms(Pricing.MARKET, _DAY, Window.WHOLE_DAY),
    Division.CONDITIONAL: Terms(Pricing.CONDITIONAL, _DAY, Window.WHOLE_DAY),
    Division.BEST: Terms(Pricing.BEST, _DAY, Window.CONTINUOUS),
    Division.FIRST: Terms(Pricing.FIRST, _DAY, Window.CONTINUOUS),
    Division.BEFORE_HOURS: Terms(Pricing.CLOSE, _DAY, Window.BEFORE_HOURS),
    Division.AFTER_HOURS: Terms(Pricing.CLOSE, _DAY, Window.AFTER_HOURS),
    Division.LIMIT_IOC: Terms(Pricing.LIMIT, _IOC, Window.CONTINUOUS),
    Division.LIMIT_FOK: Terms(Pricing.LIMIT, _FOK, Window.CONTINUOUS),
    Division.MARKET_IOC: Terms(Pricing.MARKET, _IOC, Window.CONTINUOUS),
    Division.MARKET_FOK: Terms(Pricing.MARKET, _FOK, Window.CONTINUOUS),
    Division.BEST_IOC: Terms(Pricing.BEST, _IOC, Window.CONTINUOUS),
    Division.BEST_FOK: Terms(Pricing.BEST, _FOK, Window.CONTINUOUS),
    Division.STOP: Terms(Pricing.STOP, _DAY, Window.CONTINUOUS),
    Division.AFTER_LIMIT: Terms(Pricing.LIMIT, _DAY, Window.AFTER_MARKET),
    Division.AFTER_LIMIT_IOC: Terms(Pricing.LIMIT, _IOC, Window.AFTER_MARKET),
    Division.AFTER_LIMIT_FOK: Terms(Pricing.LIMIT, _FOK, Window.AFTER_MARKET),
    Division.AFTER_BEST: Terms(Pricing.BEST, _DAY, Window.AFTER_MARKET),
    Division.AFTER_BEST_IOC: Terms(Pricing.BEST, _IOC, Window.AFTER_MARKET),
    Division.AFTER_BEST_FOK: Terms(Pricing.BEST, _FOK, Window.AFTER_MARKET),
    Division.AFTER_FIRST: Terms(Pricing.FIRST, _DAY, Window.AFTER_MARKET),
}
PAPER = frozenset(map(Division, ["00", "01", "02", "03", "04"]))
SOR = frozenset(map(Division, ["00", "01", "03", "04", "11", "12", "13", "14", "15", "16"]))
BEFORE_HOURS_FOR = timedelta(minutes=10)
AFTER_HOURS_FOR = timedelta(minutes=30)


def taken_between(window: Window, hours: KrxDay) -> tuple[datetime, datetime] | None:
    """From when until just before when new orders are taken; None without an after-market."""
    match window:
        case Window.WHOLE_DAY:
            return hours.auction_open, hours.close
        case Window.CONTINUOUS:
            return hours.open, hours.close_auction
        case Window.BEFORE_HOURS:
            return hours.auction_open, hours.auction_open + BEFORE_HOURS_FOR
        case Window.AFTER_HOURS:
            return hours.close, hours.close + AFTER_HOURS_FOR
        case Window.AFTER_MARKET:
            if hours.after_open is None or hours.after_close is None:
                return None
            return hours.after_open, hours.after_close


def lives_until(window: Window, hours: KrxDay) -> datetime:
    """When what is left of a taken order ends."""
    if window is Window.CONTINUOUS:
        return hours.close
    stretch = taken_between(window, hours)
    if stretch is None:
        raise ValueError(f"no {window.value} on {hours.day}")
    return stretch[1]
