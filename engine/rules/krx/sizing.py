"""How many shares an entry is of: what risk, position, order, cash and market all allow.

Cash is what the broker calls orderable without arrears; no credit is ever counted on.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from engine.model.ids import Qty
from engine.model.krx_settings import KrxSettings
from engine.model.money import Krw
from engine.model.score import Gate, Refused
from engine.rules.krx.risk import won_text

_WHOLE = 100


class Cap(StrEnum):
    """What bounds a size."""

    RISK = "risk"  # the loss at the stop
    POSITION = "position"  # the position's share of the equity
    LIQUIDITY = "liquidity"  # the position's share of what was traded today
    ZONES = "zones"  # levels not broken yet keep a part back
    ORDER_VALUE = "order_value"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class SizingView:
    """An entry before its size is known.

    ``price``: the worst it can be bought at, of a market order the upper limit. ``orderable``:
    without arrears and without what other entries hold. ``traded_value``: today's, None where not
    known: it bounds nothing then. ``held``: shares of the position already bought;
    ``share_pct``: per cent of the planned position that the broken levels allow. ``small``: the
    largest entry order while the desk begins small.
    """

    price: Krw
    equity: Krw
    orderable: Krw
    traded_value: Krw | None
    held: int = 0
    share_pct: int = 100
    small: Krw | None = None


@dataclass(frozen=True, slots=True)
class Sized:
    """Shares to buy now, of a position ``planned`` in all, and what bounds them."""

    qty: Qty
    bound_by: Cap
    planned: Qty


def shares(view: SizingView, settings: KrxSettings) -> Sized:
    """The largest number of shares that breaks no cap; zero where one leaves no room at all."""
    price = view.price.amount
    whole = _whole_position(view, settings)
    planned = min(whole.values())
    caps = {cap: most - view.held for cap, most in whole.items()}
    if view.share_pct < _WHOLE:
        caps[Cap.ZONES] = planned * view.share_pct // _WHOLE - view.held
    caps[Cap.ORDER_VALUE] = _most(_order_limit(view, settings).amount, price)
    caps[Cap.CASH] = _most(view.orderable.amount, price * (1 + settings.fee_pct / _WHOLE))
    bound_by = min(caps, key=lambda cap: caps[cap])
    return Sized(Qty(max(caps[bound_by], 0)), bound_by, Qty(planned))


def refusal(sized: Sized, view: SizingView, settings: KrxSettings) -> Refused | None:
    """Why nothing is bought, where not one share is left; None: there is one."""
    if sized.qty:
        return None
    if sized.bound_by is Cap.CASH:
        return Refused(Gate.NO_CASH, won_text(view.orderable), won_text(view.price))
    if sized.bound_by is Cap.ORDER_VALUE:
        limit = _order_limit(view, settings)
        return Refused(Gate.ORDER_VALUE, won_text(view.price), won_text(limit))
    return Refused(Gate.TOO_SMALL, str(sized.qty), sized.bound_by.value)


def _order_limit(view: SizingView, settings: KrxSettings) -> Krw:
    """The largest value of one entry order."""
    most = Krw(Decimal(settings.risk.max_order_krw))
    return most if view.small is None else min(most, view.small)


def _whole_position(view: SizingView, settings: KrxSettings) -> dict[Cap, int]:
    """Shares the position may ever have, by what bounds all of it."""
    price, equity, sizing = view.price.amount, view.equity.amount, settings.sizing
    lost_a_share = price * settings.exits.stop_loss_pct / _WHOLE
    caps = {
        Cap.RISK: _most(equity * sizing.risk_per_trade_pct / _WHOLE, lost_a_share),
        Cap.POSITION: _most(equity * sizing.max_position_pct / _WHOLE, price),
    }
    if view.traded_value is not None:
        share = view.traded_value.amount * sizing.liquidity_share_pct / _WHOLE
        caps[Cap.LIQUIDITY] = _most(share, price)
    return caps


def _most(amount: Decimal, each: Decimal) -> int:
    return max(int(amount // each), 0)
