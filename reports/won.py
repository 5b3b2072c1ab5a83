"""What sales brought in won."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from engine.model.money import Krw, Money
from reports.executions import Execution
from reports.stats import net_of


def in_won(sale: Execution[Money]) -> Krw | None:
    """An own sale's net, dollars by the rate kept with it and to the won; None without a rate."""
    net = net_of(sale, type(sale.avg_cost)(Decimal(0)))
    if isinstance(net, Krw):
        return net
    if sale.krw_per_usd is None:
        return None
    return Krw(net.amount * sale.krw_per_usd).rounded(ROUND_HALF_UP)
