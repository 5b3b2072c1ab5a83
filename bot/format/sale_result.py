"""What a sale brought: one figure in every message, after estimated costs or named as before them.

Fees and tax are the book's, as in the reports and on the picture of the trade.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bot.format import numbers
from bot.format.lang import Lang
from engine.model.money import FxRate, Money
from engine.model.order_facts import OrderFilled
from engine.model.views import SaleView

Sale = OrderFilled[Money] | SaleView[Money]


@dataclass(frozen=True, slots=True)
class Result:
    """``pct`` of what the shares cost; ``is_net``: after the costs of both ways and taxes."""

    amount: Money
    pct: Decimal | None
    is_net: bool


def of(sale: Sale) -> Result | None:
    """Net where the book has every cost; None where price or cost of the shares are not known."""
    if sale.gain is None or sale.avg_cost.amount <= 0:
        return None
    if sale.entry_fee is None:
        return Result(sale.gain, sale.gain_pct, is_net=False)
    net = sale.gain - sale.fee - sale.entry_fee
    if sale.tax is not None:
        net -= sale.tax
    sold_for = _sold_for(sale)
    # As the reports have it: what was paid is what is left of the proceeds without the gain.
    paid = None if sold_for is None else sold_for - sale.gain
    return Result(net, net.ratio(paid) * 100 if paid else None, is_net=True)


def line(result: Result | None, fx: FxRate | None, lang: Lang) -> str:
    """순손익 +$66.40 (+92,196원) +2.76 %."""
    if result is None:
        return lang.pick("손익 모름: 매수가를 알 수 없음", "Gain unknown: no cost of the shares")
    name = lang.pick("순손익 ", "Net ")
    if not result.is_net:
        name = lang.pick("비용 전 손익 ", "Gain before costs ")
    pct = "" if result.pct is None else f" {numbers.pct(result.pct)}"
    won = numbers.in_won(result.amount, fx, lang, signed=True)
    return f"{name}{numbers.signed(result.amount, lang)}{won}{pct}"


def costs(sale: OrderFilled[Money], lang: Lang) -> str:
    """What lies between the gain and the net; of a book without buying costs, the sale's own."""
    result, spent = of(sale), sale.fee
    parts = []
    if result is not None and result.is_net and sale.entry_fee is not None:
        parts.append(lang.pick("비용 전 ", "Gross ") + numbers.signed(sale.gain, lang))
        spent += sale.entry_fee
        name = lang.pick("비용(추정) ", "costs (estimated) ")
    else:
        name = lang.pick("매도 비용(추정) ", "Costs of the sale (estimated) ")
    parts.append(name + numbers.amount(spent, lang))
    if sale.tax is not None:
        parts.append(lang.pick("세금(추정) ", "tax (estimated) ") + numbers.amount(sale.tax, lang))
    return " · ".join(parts)


def _sold_for(sale: Sale) -> Money | None:
    if isinstance(sale, OrderFilled):
        return sale.fill.price * sale.fill.qty
    return None if sale.price is None else sale.price * sale.qty
