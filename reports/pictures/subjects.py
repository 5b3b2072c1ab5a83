"""What can be drawn, as plain values: small enough to hand to a child, without matplotlib."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from engine.model.candles import MinuteCandle
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.money import Money
from engine.model.orders import Side
from reports.periods import ZONES, Period, Span, file_stem
from reports.report import Report
from reports.stats import daily, net_of

_IN_NO_NAME = re.compile(r"[^A-Za-z0-9.]")  # a symbol is the broker's word; BRK/B has a slash


class Lang(StrEnum):
    """What the trader reads, as the chat has it."""

    KO = "ko"
    EN = "en"

    def pick(self, ko: str, en: str) -> str:
        """The text of this language."""
        return ko if self is Lang.KO else en


class Theme(StrEnum):
    """What is behind it."""

    LIGHT = "light"
    DARK = "dark"


class Colours(StrEnum):
    """Korean: up is red, down is blue. Western: up is green, down is red."""

    KOREAN = "korean"
    WESTERN = "western"


class Kind(StrEnum):
    """The pictures of a report."""

    EQUITY = "equity"
    BARS = "bars"
    HEAT = "heat"
    SYMBOLS = "symbols"


@dataclass(frozen=True, slots=True)
class Look:
    """How the trader likes it."""

    lang: Lang = Lang.KO
    theme: Theme = Theme.LIGHT
    colours: Colours = Colours.KOREAN


@dataclass(frozen=True, slots=True)
class Mark:
    """What own sales brought at a time of the exchange's day, after costs."""

    at: datetime
    net: Money


@dataclass(frozen=True, slots=True)
class Share:
    """What trades in one symbol brought."""

    symbol: Symbol
    name: str
    trades: int
    net: Money


@dataclass(frozen=True, slots=True)
class ReportView:
    """What the pictures of one report show.

    ``marks`` in order, by the exchange's clock: of a day every sale, of longer periods one a day.
    ``shares``: best first. ``win_rate`` in per cent; None without a trade.
    """

    desk: DeskName
    mode: Mode
    period: Period
    kinds: tuple[Kind, ...]
    net: Money
    trades: int
    win_rate: Decimal | None
    marks: tuple[Mark, ...]
    shares: tuple[Share, ...]

    @property
    def days(self) -> dict[date, Decimal]:
        """Net amount by date."""
        found: dict[date, Decimal] = {}
        for mark in self.marks:
            day = mark.at.date()
            found[day] = found.get(day, Decimal(0)) + mark.net.amount
        return found


@dataclass(frozen=True, slots=True)
class CardFill:
    """An execution of the trade."""

    at: datetime
    side: Side
    qty: int
    price: Money


@dataclass(frozen=True, slots=True)
class Zone:
    """Prices that meant something; a line where ``low`` is ``high``."""

    low: Money
    high: Money
    label: str


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the stop was from ``at`` on."""

    at: datetime
    price: Money


@dataclass(frozen=True, slots=True)
class TradeCard:
    """One closed trade; times aware, prices per share.

    ``candles``: around the trade, may be none; then its executions alone are drawn. ``reason``: of
    the exit, in the trader's language. ``facts``: short remarks of the same kind, such as a score.
    ``net`` after costs; ``net_pct`` of what the shares cost.
    """

    desk: DeskName
    mode: Mode
    symbol: Symbol
    name: str
    candles: tuple[MinuteCandle[Money], ...]
    fills: tuple[CardFill, ...]
    zones: tuple[Zone, ...]
    stops: tuple[Stop, ...]
    target: Money | None
    reason: str
    facts: tuple[str, ...]
    net: Money
    net_pct: Decimal
    held_for: timedelta | None


@dataclass(frozen=True, slots=True)
class Request:
    """What one child draws, in this order."""

    look: Look
    reports: tuple[ReportView, ...] = ()
    cards: tuple[TradeCard, ...] = ()

    @property
    def pictures(self) -> int:
        """How many it will be."""
        return sum(len(view.kinds) for view in self.reports) + len(self.cards)

    @property
    def files(self) -> tuple[str, ...]:
        """How each picture is called as a file."""
        reports = (
            f"{file_stem(view.desk, view.mode, view.period)}-{kind}.png"
            for view in self.reports
            for kind in view.kinds
        )
        cards = (
            f"{card.desk}-{card.mode}-{_IN_NO_NAME.sub('_', card.symbol)}.png"
            for card in self.cards
        )
        return (*reports, *cards)


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with its size in pixels; ``alt``: what it says, for a caption."""

    name: str
    png: bytes
    width: int
    height: int
    alt: str


_SHORT = {
    Span.DAY: (Kind.EQUITY, Kind.SYMBOLS),  # by the hour; a calendar of one day tells nothing
    Span.WEEK: (Kind.EQUITY, Kind.BARS, Kind.SYMBOLS),
}


def view(report: Report[Money], kinds: tuple[Kind, ...] | None = None) -> ReportView:
    """What a report's pictures need of it; ``kinds`` None: those that suit its period."""
    return ReportView(
        desk=report.desk,
        mode=report.mode,
        period=report.period,
        kinds=_SHORT.get(report.period.span, tuple(Kind)) if kinds is None else kinds,
        net=report.result.net,
        trades=report.quality.trades,
        win_rate=report.quality.win_rate,
        marks=tuple(_marks(report)),
        shares=tuple(
            Share(Symbol(code), report.names.get(Symbol(code), code), part.trades, part.net)
            for code, part in report.by_symbol.items()
        ),
    )


def _marks(report: Report[Money]) -> Iterator[Mark]:
    zone, zero = ZONES[report.desk], report.result.net * 0
    if report.period.span is Span.DAY:
        sales = [
            one
            for one in report.executions
            if one.side is Side.SELL and one.is_ours and one.knows_cost
        ]
        for one in sorted(sales, key=lambda sale: sale.at):
            yield Mark(one.at.astimezone(zone), net_of(one, zero))
        return
    for day, net in daily(report.executions, zero).items():
        yield Mark(datetime.combine(day, datetime.min.time(), zone), net)
