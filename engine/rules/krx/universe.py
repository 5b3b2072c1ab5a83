"""Which listed names the desk looks at, and which name a trader means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import date, timedelta

from engine.model.ids import Symbol
from engine.model.krx_settings import UniverseSettings
from engine.model.listing import Listing, SecurityKind
from engine.model.score import Unfit

_NO_WARNING = "00"


def select(
    listings: Iterable[Listing],
    settings: UniverseSettings,
    locks: AbstractSet[Symbol],
    today: date,
) -> tuple[tuple[Listing, ...], dict[Symbol, Unfit]]:
    """Names that fit, and of every other one why not."""
    kept: list[Listing] = []
    unfit: dict[Symbol, Unfit] = {}
    for listing in listings:
        reason = fit(listing, settings, locks, today)
        if reason is None:
            kept.append(listing)
        else:
            unfit[listing.symbol] = reason
    return tuple(kept), unfit


def fit(
    listing: Listing, settings: UniverseSettings, locks: AbstractSet[Symbol], today: date
) -> Unfit | None:
    """The first reason, in the order of ``Unfit``, that keeps a name out; None: it is in."""
    for reason, holds in _FILTERS:
        if holds(listing, settings, locks, today):
            return reason
    return None


def find(listings: Iterable[Listing], text: str) -> tuple[Listing, ...]:
    """Names a trader may mean: an exact code or name alone, else by beginning, else by part.

    Several where it is ambiguous, the largest companies first; blanks and case do not matter.
    """
    wanted = _plain(text)
    if not wanted:
        return ()
    named = [(listing, _plain(listing.name)) for listing in listings]
    matches = (
        [listing for listing, _ in named if listing.symbol.casefold() == wanted],
        [listing for listing, name in named if name == wanted],
        [listing for listing, name in named if name.startswith(wanted)],
        [listing for listing, name in named if wanted in name],
    )
    found = next(filter(None, matches), [])
    return tuple(sorted(found, key=lambda one: (-one.market_cap.amount, one.symbol)))


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _kind(listing: Listing, settings: UniverseSettings, *_: object) -> bool:
    asked = {
        SecurityKind.COMMON: True,
        SecurityKind.PREFERRED: settings.include_preferred,
        SecurityKind.SPAC: settings.include_spac,
        SecurityKind.ETF: settings.include_etf,
        SecurityKind.ETN: settings.include_etn,
    }
    return not asked.get(listing.kind, False)


def _price(listing: Listing, settings: UniverseSettings, *_: object) -> bool:
    won = listing.base_price.amount
    return not settings.min_price_krw <= won <= settings.max_price_krw


def _traded_value(listing: Listing, settings: UniverseSettings, *_: object) -> bool:
    return listing.base_price.amount * listing.prev_volume < settings.min_traded_value_krw


def _new(
    listing: Listing, settings: UniverseSettings, _locks: AbstractSet[Symbol], today: date
) -> bool:
    """A name without a listing date may be a new one, so it is out as well."""
    if not settings.min_listed_days:
        return False
    listed_on = listing.listed_on
    return listed_on is None or today - listed_on < timedelta(days=settings.min_listed_days)


_Filter = Callable[[Listing, UniverseSettings, AbstractSet[Symbol], date], bool]
_FILTERS: tuple[tuple[Unfit, _Filter], ...] = (
    (Unfit.SEGMENT, lambda listing, settings, *_: listing.segment not in settings.segments),
    (Unfit.KIND, _kind),
    (Unfit.HALTED, lambda listing, *_: listing.is_halted),
    (Unfit.LIQUIDATION, lambda listing, *_: listing.is_liquidation),
    (Unfit.MANAGED, lambda listing, *_: listing.is_managed),
    (
        Unfit.WARNING,
        lambda listing, *_: listing.warning != _NO_WARNING or listing.is_caution,
    ),
    (Unfit.OVERHEATED, lambda listing, *_: listing.is_overheated),
    (Unfit.LOCKED, lambda listing, _settings, locks, _today: listing.symbol in locks),
    (Unfit.PRICE, _price),
    (Unfit.TRADED_VALUE, _traded_value),
    (
        Unfit.MARKET_CAP,
        lambda listing, settings, *_: listing.market_cap.amount < settings.min_market_cap_krw,
    ),
    (Unfit.NEW_LISTING, _new),
)
