"""Sales of the book as the chat shows them, and their sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.model.facts import OrderFilled, SoldElsewhere
from engine.model.ids import Symbol
from engine.model.money import ZERO_USD, Usd
from engine.model.views import SaleView, StatsView
from engine.ports.journal import NumberedSale


def sale_view(row: NumberedSale) -> SaleView:
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
        )
    return _elsewhere_view(row, sale)


def _elsewhere_view(row: NumberedSale, sale: SoldElsewhere) -> SaleView:
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
        fee=ZERO_USD,
        by_bot=False,
        fx=sale.fx,
    )


def stats_of(sales: Sequence[SaleView]) -> StatsView:
    """Sums over the bot's own sales; sales made elsewhere are counted by nobody's merit."""
    own = [sale for sale in sales if sale.by_bot and sale.gain is not None]
    percents: list[Decimal] = [sale.gain_pct for sale in own if sale.gain_pct is not None]
    by_symbol: dict[Symbol, tuple[int, Usd]] = {}
    gross, fees = ZERO_USD, ZERO_USD
    for sale in own:
        gain = sale.gain or ZERO_USD
        gross, fees = gross + gain, fees + sale.fee
        count, total = by_symbol.get(sale.symbol, (0, ZERO_USD))
        by_symbol[sale.symbol] = (count + 1, total + gain)
    return StatsView(
        sales=len(own),
        wins=sum((sale.gain or ZERO_USD) > ZERO_USD for sale in own),
        gross_gain=gross,
        fees=fees,
        best_pct=max(percents, default=None),
        worst_pct=min(percents, default=None),
        since=min((sale.exchange_date for sale in own), default=None),
        by_symbol=tuple((symbol, n, gain) for symbol, (n, gain) in sorted(by_symbol.items())),
    )
