"""The US desk: watches holdings bought by hand and sells them at the target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from engine.desk import agreement, mismatches
from engine.desk.agreement import Agreement
from engine.desk.base import Outcome
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.desk.us import (
    commands,
    detection,
    exits,
    pace,
    poller,
    portfolio,
    prices,
    safety,
    schedule,
    windows,
)
from engine.desk.us.intake import take_in
from engine.desk.us.restore import from_snapshot, to_snapshot
from engine.desk.us.state import State
from engine.desk.us.view import make_view
from engine.model.events import Event, TickSeen
from engine.model.ids import DeskState
from engine.model.intents import Intent
from engine.model.quotes import QuoteSource, Tick
from engine.model.settings import UsSettings
from engine.model.state_facts import Trouble
from engine.model.views import UsDeskView
from engine.rules.sessions import SessionTable, exchange_date


class UsDesk:
    """Implements desk.base.Desk for the US market.

    ``ids`` begins every client order id and question id of this book; ``is_shadow`` marks its
    positions as copies (dry run). ``restored`` is what ``snapshot`` gave.
    """

    def __init__(
        self,
        settings: UsSettings,
        sessions: SessionTable,
        *,
        restored: Mapping[str, object] | None = None,
        ids: str = "us-",
        is_shadow: bool = False,
    ) -> None:
        self._state = State(settings, sessions, ids)
        if restored:
            self._state.book = from_snapshot(restored)
        self._is_shadow = is_shadow
        self._last_event_at: datetime | None = None
        self._idle = Outcome((), (), None, is_durable=False)

    def handle(self, event: Event, now: datetime) -> Outcome:
        """Change state and say what should happen. Raises InvariantBroken only."""
        self._last_event_at = now
        turn = Turn(now)
        if isinstance(event, TickSeen):
            if self._is_idle_after(turn, event.tick):
                return self._idle
        else:
            take_in(self._state, turn, event)
        if self._state.run.is_started:
            self._advance(turn)
        return self._outcome(turn)

    def snapshot(self) -> Mapping[str, object]:
        """The durable state, JSON-ready; what ``restored`` takes back."""
        return to_snapshot(self._state.book)

    @property
    def user_latch(self) -> DeskState:
        """Where the user's stop stands in the book."""
        return self._state.book.user_latch

    @property
    def guard_causes(self) -> Mapping[Trouble, Cause]:
        """Why the guard holds back, by the book; empty: it does not."""
        return dict(self._state.book.causes)

    @property
    def agreement(self) -> Agreement:
        """What stands between the books and the account."""
        return agreement.in_force(self._state.book, self._state.run)

    def resting(self, today: date) -> Agreement:
        """The same where the mode is not in force."""
        return agreement.resting(self._state.book, today, exchange_date)

    @property
    def stays_for(self) -> str:
        """Orders that may still be filled keep the mode; the shares are the trader's."""
        return "order_in_flight" if any(True for _ in self._state.live()) else ""

    def view(self, now: datetime) -> UsDeskView:
        """A copy for the chat."""
        return make_view(self._state, now, self._last_event_at, is_shadow=self._is_shadow)

    def _is_idle_after(self, turn: Turn, tick: Tick) -> bool:
        """Take in a tick; True when nothing follows from it and nothing is due."""
        state = self._state
        is_call = tick.source is QuoteSource.PRICE
        has_book = True
        if is_call:
            call = state.run.prices.pop(tick.symbol, None)
            has_book = call is None or call.with_book
            prices.note_call(state, turn, tick)
            commands.on_call_price(state, turn, tick)
        position = state.book.positions.get(tick.symbol)
        if position is not None:
            can_decide = prices.note_price(state, turn, position, tick) and has_book
            exits.on_price(state, turn, position, tick, can_decide=can_decide)
        if is_call or turn.orders or turn.is_durable or state.run.prices:
            return False
        if position is not None and state.live_qty(tick.symbol):
            return False
        wake = self._idle.wake_at
        return wake is not None and turn.now < wake

    def _advance(self, turn: Turn) -> None:
        """Whatever time alone brings, and the reads that follow from the event."""
        state = self._state
        windows.advance(state, turn)
        safety.check_account(state, turn)
        safety.check_vendor(state, turn)
        detection.unpark(state, turn)
        commands.check_deadlines(state, turn)
        if state.book.mismatches:
            mismatches.drop_settled(state.book, turn, state.book.orders)
        portfolio.tell_buys(state, turn)
        exits.retry_refused(state, turn)
        exits.reprice_orders(state, turn)
        exits.rest_orders(state, turn)
        windows.advance(state, turn)  # the last open order may just have ended
        schedule.ask_periodic(state, turn)
        schedule.ask_cash(state, turn, is_shadow=self._is_shadow)
        poller.cycle(state, turn)
        schedule.emit(state, turn)
        schedule.watch(state, turn)

    def _outcome(self, turn: Turn) -> Outcome:
        state = self._state
        pace.spend(state, turn.now, len(turn.orders))
        wake = schedule.wake_at(state, turn.now) if state.run.is_started else None
        if wake != self._idle.wake_at:
            self._idle = Outcome((), (), wake, is_durable=False)
        watch = (turn.watch,) if turn.watch is not None else ()
        intents: tuple[Intent, ...] = (*turn.orders, *turn.fetches, *watch)
        if not intents and not turn.facts and not turn.is_durable:
            return self._idle
        return Outcome(intents, tuple(turn.facts), wake, is_durable=turn.is_durable)
