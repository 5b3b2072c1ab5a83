"""What the desks want of the one socket session, and who gets what when it is too much. Pure.

Source: kis-websocket notes sections 6 and 9.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.adapters.kis.endpoint import KisEndpoint, Server
from engine.adapters.kis.fields import (
    KRX_NOTICES_TR,
    KRX_OPERATIONS_TR,
    KRX_TRADES_TR,
    NOTICES_TR,
    QUOTE_CODES,
    TRADES_TR,
)
from engine.model.ids import DeskName, Symbol
from engine.model.instrument import Instrument

# KIS allows 41 over everything; official code and libraries stay one below.
MAX_REGISTRATIONS = 40

_TRADES: Mapping[DeskName, str] = {DeskName.US: TRADES_TR, DeskName.KRX: KRX_TRADES_TR}
_NOTICES: Mapping[DeskName, Mapping[Server, str]] = {
    DeskName.US: NOTICES_TR,
    DeskName.KRX: KRX_NOTICES_TR,
}
# What trades in a market without overnight orders is looked after first.
_KNOWN_TO_ALL = "005930"  # Samsung Electronics
_ORDER = (DeskName.KRX, DeskName.US)


@dataclass(frozen=True, slots=True)
class Wish:
    """A desk's own, best first; the last ``candidates`` of the instruments hold no money yet."""

    instruments: tuple[Instrument, ...] = ()
    notices: bool = False
    candidates: int = 0


@dataclass(frozen=True, slots=True)
class Registration:
    """One subscription. ``symbol`` None: the order notices. Its text hides the HTS ID.

    ``may_lack``: nothing that is held depends on it.
    """

    tr_id: str
    tr_key: str
    symbol: Symbol | None
    desk: DeskName
    may_lack: bool = field(default=False, compare=False)

    def __repr__(self) -> str:
        return f"{self.tr_id}/{self.symbol or '***'}"

    @property
    def is_quote(self) -> bool:
        """Whether it brings prices."""
        return self.tr_id == _TRADES[self.desk]


@dataclass(frozen=True, slots=True)
class Allotment:
    """Who gets what, most important first. ``short``: desks that lack prices of what they hold."""

    registrations: tuple[Registration, ...] = ()
    short: frozenset[DeskName] = frozenset()


def allot(
    wishes: Mapping[DeskName, Wish], endpoint: KisEndpoint, limit: int = MAX_REGISTRATIONS
) -> Allotment:
    """Share the registrations out.

    First the notices of both desks, then the prices of what is held (KRX before US), then the
    market operation of what is held on KRX, then candidates. Within each the order is the desk's.
    Paper has no US prices and no market operation; without an HTS ID there are no notices.
    """
    held: list[Registration] = []
    operations: list[Registration] = []
    candidates: list[Registration] = []
    for desk in _ORDER:
        wish = wishes.get(desk, Wish())
        quotes = _quotes(desk, wish, endpoint.server)
        held += (quote for quote in quotes if not quote.may_lack)
        candidates += (quote for quote in quotes if quote.may_lack)
        if desk is DeskName.KRX and endpoint.server is Server.REAL:
            operations += (_operation(quote) for quote in quotes if not quote.may_lack)
    ranked = [*_notices(wishes, endpoint), *held, *operations, *candidates]
    granted = tuple(dict.fromkeys(ranked))[:limit]
    missing = set(held).difference(granted)
    return Allotment(granted, frozenset(quote.desk for quote in missing))


def trial(endpoint: KisEndpoint) -> Registration:
    """What a look at the socket asks for: the notices, else the prices of one stock.

    On paper the prices: whose login its notices go by, the documents leave open.
    """
    hts_id, desk = endpoint.keys.hts_id, DeskName.KRX
    if hts_id and endpoint.server is Server.REAL:
        return Registration(_NOTICES[desk][endpoint.server], hts_id, None, desk)
    return Registration(KRX_TRADES_TR, _KNOWN_TO_ALL, Symbol(_KNOWN_TO_ALL), desk)


def _notices(wishes: Mapping[DeskName, Wish], endpoint: KisEndpoint) -> list[Registration]:
    hts_id = endpoint.keys.hts_id
    return [
        Registration(_NOTICES[desk][endpoint.server], hts_id, None, desk)
        for desk in _ORDER
        if hts_id and wishes.get(desk, Wish()).notices
    ]


def _quotes(desk: DeskName, wish: Wish, server: Server) -> list[Registration]:
    if desk is DeskName.US and server is Server.PAPER:
        return []
    firm = len(wish.instruments) - wish.candidates
    return [
        Registration(
            _TRADES[desk], _key(desk, instrument), instrument.symbol, desk, may_lack=place >= firm
        )
        for place, instrument in enumerate(wish.instruments)
    ]


def _operation(quote: Registration) -> Registration:
    return Registration(KRX_OPERATIONS_TR, quote.tr_key, quote.symbol, quote.desk, may_lack=True)


def _key(desk: DeskName, instrument: Instrument) -> str:
    if desk is DeskName.KRX:
        return instrument.symbol
    return f"D{QUOTE_CODES[instrument.exchange]}{instrument.symbol}"
