"""What today's sales brought, kept in memory and read from the book again after a sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.flow.sales import day_view, sale_view
from engine.model.entry_facts import EntryFilled
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, Mode
from engine.model.money import Money
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.position_facts import BuySeen
from engine.model.views import DayView
from engine.ports.journal import Journal, NumberedFact

TRADES: tuple[type[AnyFact], ...] = (BuySeen, EntryFilled, OrderFilled, SoldElsewhere)
_ALL = 1_000_000


@dataclass(frozen=True, slots=True)
class _Kept:
    journal: Journal
    after: int  # trades heard of before it was read
    view: DayView[Money]


class DaySales:
    """One desk's listener of the facts lane; ``on_trade`` is told what the book already holds.

    ``nothing``: zero in the desk's currency.
    """

    def __init__(self, desk: DeskName, nothing: Money) -> None:
        self._desk = desk
        self._nothing = nothing
        self._kept: _Kept | None = None
        self._trades = 0
        self._traded_at: datetime | None = None
        self._has_sold = False

    def on_trade(self, numbered: NumberedFact) -> None:
        """Something was bought or sold."""
        if numbered.desk is not self._desk:
            return
        self._trades += 1
        self._traded_at = numbered.at
        self._has_sold |= isinstance(numbered.fact, OrderFilled)

    def has_traded(self, since: datetime, mode: Mode) -> bool:
        """Whether cash read at ``since`` is from before a trade of this run.

        The account's cash never hears of the sales of a dry run.
        """
        if mode is Mode.DRY_RUN and self._has_sold:
            return True
        return self._traded_at is not None and self._traded_at >= since

    async def read(self, journal: Journal | None, today: date) -> DayView[Money]:
        """The sums of one exchange date. Raises JournalFailed."""
        if journal is None:
            return DayView(today, 0, self._nothing, self._nothing, 0)
        kept, heard = self._kept, self._trades
        if kept is None or (kept.journal, kept.after, kept.view.day) != (journal, heard, today):
            sales = tuple(sale_view(row) for row in await journal.sales(self._desk, today, _ALL))
            view = day_view(today, sales, self._nothing)
            kept = self._kept = _Kept(journal, heard, view)
        return kept.view
