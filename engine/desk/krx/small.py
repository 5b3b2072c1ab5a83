"""The beginning with real money: small entry orders until enough round trips went cleanly."""

from __future__ import annotations

from decimal import Decimal

from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.entry_facts import SmallEnded
from engine.model.krx_views import SmallView
from engine.model.money import Krw
from engine.rules.krx.sessions import kst_date


def order_limit(state: State) -> Krw | None:
    """The largest entry order for now; None: the usual limit alone."""
    wish = state.settings.small
    if wish is None or state.book.clean_trips >= wish.round_trips:
        return None
    return Krw(Decimal(wish.order_krw))


def view(state: State) -> SmallView | None:
    """What holds for now; None where nothing is small."""
    limit, wish = order_limit(state), state.settings.small
    if limit is None or wish is None:
        return None
    return SmallView(limit, state.book.clean_trips, wish.round_trips)


def note_trip(state: State, turn: Turn[Krw], position: KrxPosition) -> None:
    """A position was closed: count it if it was clean, and say when it was the last small one."""
    if not _is_clean(state, position):
        return
    was_small = order_limit(state) is not None
    state.book.clean_trips += 1
    turn.changed()
    if was_small and order_limit(state) is None:
        most = Krw(Decimal(state.settings.risk.max_order_krw))
        turn.tell(SmallEnded(state.book.clean_trips, most))


def _is_clean(state: State, position: KrxPosition) -> bool:
    """Nothing sold by hand, no disagreement, and none of its orders was ever in doubt."""
    if position.sold_by_hand or not position.is_clean:
        return False
    since = kst_date(position.opened_at)
    return not any(
        order.unresolved_at is not None
        for order in state.book.orders.values()
        if order.intent.symbol == position.symbol and order.day >= since
    )
