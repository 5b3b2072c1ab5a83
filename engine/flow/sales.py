"""Sales of the book as the chat shows them, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.model.money import Money
from engine.model.order_facts import OrderFilled, SoldElsewhere
from engine.model.views import DayView, SaleView
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
            entry_fee=sale.entry_fee,
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


def day_view(day: date, sales: Sequence[SaleView[Money]], nothing: Money) -> DayView[Money]:
    """Sums over the bot's own sales; sales made elsewhere are nobody's merit and only counted.

    So are those of shares whose cost nobody told: KIS says 0. ``nothing``: zero in the currency.
    """
    ours = [sale for sale in sales if sale.by_bot]
    own = [sale for sale in ours if sale.avg_cost.amount > 0]
    gross = fees = tax = nothing
    for sale in own:
        gross += sale.gain or nothing
        fees += sale.fee + (sale.entry_fee or nothing)
        tax += sale.tax or nothing
    return DayView(
        *(day, len(own), gross, fees, len(sales) - len(ours)),
        tax=tax or None,
        lacks_cost=len(ours) - len(own),
        lacks_entry_fee=sum(sale.entry_fee is None for sale in own),
    )
