"""Sales of the book as the chat shows them, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.model.facts import OrderFilled, SoldElsewhere
from engine.model.ids import Symbol
from engine.model.money import Money
from engine.model.views import SaleView, StatsView
from engine.ports.journal import NumberedSale


def sale_view(row: NumberedSale) -> SaleView[Money]:
    """A sale of the book as the chat shows it; gains before costs."""
    sale = row.sale
    if isinstance(sale, OrderFilled):
        return SaleView(
            at=row.at,
            exchange_date=row.exchange_date,
            symbol=sale.order.symbol,
            qty=sale.fill.qty,
            price=sale.fill.price,
            avg_cost=sale.avg_cost,
            gain=sale.gain,
            gain_pct=sale.gain_pct,
            fee=sale.fee,
            by_bot=True,
            fx=sale.fx,
            tax=sale.tax,
            reason=sale.order.reason,
        )
    return _elsewhere_view(row, sale)


def _elsewhere_view(row: NumberedSale, sale: SoldElsewhere[Money]) -> SaleView[Money]:
    gain = None if sale.price is None else (sale.price - sale.avg_cost) * sale.qty
    pct = None
    if sale.price is not None and sale.avg_cost:
        pct = (sale.price.ratio(sale.avg_cost) - 1) * 100
    return SaleView(
        at=row.at,
        exchange_date=row.exchange_date,
        symbol=sale.symbol,
        qty=sale.qty,
        price=sale.price,
        avg_cost=sale.avg_cost,
        gain=gain,
        gain_pct=pct,
        fee=sale.avg_cost * 0,
        by_bot=False,
        fx=sale.fx,
    )


def stats_of(sales: Sequence[SaleView[Money]], nothing: Money) -> StatsView[Money]:
    """Sums over the bot's own sales; sales made elsewhere are counted by nobody's merit.

    ``nothing``: zero in the desk's currency.
    """
    own = [(sale, sale.gain) for sale in sales if sale.by_bot and sale.gain is not None]
    percents: list[Decimal] = [sale.gain_pct for sale, _ in own if sale.gain_pct is not None]
    by_symbol: dict[Symbol, tuple[int, Money]] = {}
    gross = fees = tax = nothing
    for sale, gain in own:
        gross, fees, tax = gross + gain, fees + sale.fee, tax + (sale.tax or nothing)
        count, total = by_symbol.get(sale.symbol, (0, nothing))
        by_symbol[sale.symbol] = (count + 1, total + gain)
    return StatsView(
        sales=len(own),
        wins=sum(gain > nothing for _, gain in own),
        gross_gain=gross,
        fees=fees,
        best_pct=max(percents, default=None),
        worst_pct=min(percents, default=None),
        since=min((sale.exchange_date for sale, _ in own), default=None),
        by_symbol=tuple((symbol, n, gain) for symbol, (n, gain) in sorted(by_symbol.items())),
        tax=tax or None,
    )
