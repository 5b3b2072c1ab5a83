"""Notices of the stream: whose order each is about, and what it is worth."""

from __future__ import annotations

from datetime import timedelta

from engine.desk import blotter
from engine.desk.krx import branches, fills
from engine.desk.krx.state import State
from engine.desk.own_order import OwnOrder
from engine.desk.turn import Turn
from engine.model.fills import NoticeKind, OrderNotice
from engine.model.money import Krw
from engine.model.orders import Side
from engine.rules.krx.sessions import kst_date

PARKED_FOR = timedelta(seconds=10)  # a notice may overtake the answer to its order
AFTER_NOTICE = timedelta(seconds=5)
LIST_AGAIN = timedelta(seconds=1)
_SOON = timedelta(seconds=1)


def on_notice(state: State, turn: Turn[Krw], notice: OrderNotice[Krw]) -> None:
    """A stream notice is a hint; the executions are asked for after each."""
    own = _own_of_notice(state, notice)
    if notice.kind is not NoticeKind.FILL:
        ends = (NoticeKind.CANCELLED, NoticeKind.REFUSED, NoticeKind.AMENDED)
        if own is not None and not own.state.is_final and notice.kind in ends:
            state.run.reports.ask(turn.now)
        return
    state.run.reports.ask(turn.now + AFTER_NOTICE)
    if own is not None and not branches.is_elsewhere(own, notice):
        fills.apply_fill_notice(state, turn, own, notice)
        return
    is_in_doubt = any(order.is_doubtful for order in state.live())
    if own is not None or is_in_doubt:
        state.run.parked.append(notice)
    if not is_in_doubt and (notice.side is Side.SELL or notice.symbol in state.book.positions):
        state.run.holdings.ask(turn.now + _SOON)  # somebody traded by hand


def unpark(state: State, turn: Turn[Krw]) -> None:
    """Notices that waited for their order's number; what nobody claims is left to the list."""
    waiting, state.run.parked = state.run.parked, []
    for notice in waiting:
        own = _own_of_notice(state, notice)
        is_elsewhere = own is not None and branches.is_elsewhere(own, notice)
        if own is not None and (own.state.is_final or not (own.is_doubtful or is_elsewhere)):
            fills.apply_fill_notice(state, turn, own, notice)
        elif turn.now - notice.at < PARKED_FOR:
            state.run.parked.append(notice)
            if is_elsewhere:
                sent_at = state.run.reports.sent_at or turn.now - LIST_AGAIN
                state.run.reports.ask(max(turn.now, sent_at + LIST_AGAIN))


def _own_of_notice(state: State, notice: OrderNotice[Krw]) -> OwnOrder[Krw] | None:
    day, original = kst_date(notice.at), notice.original_order_no
    own = blotter.by_number(state.book.orders, notice, day)
    if own is None and original is not None:
        own = blotter.by_number(state.book.orders, notice, day, number=original)
    return own
