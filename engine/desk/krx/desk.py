"""The KRX desk: scans, scores, enters, manages and exits by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from engine.desk import agreement
from engine.desk.agreement import Agreement
from engine.desk.base import Outcome
from engine.desk.krx import (
    commands,
    entries,
    exits,
    guard,
    intake,
    limits,
    notices,
    phases,
    reconcile,
    safety,
    scanner,
    schedule,
    view,
    watching,
)
from engine.desk.krx.names import Name
from engine.desk.krx.restore import from_snapshot, to_snapshot
from engine.desk.krx.state import State
from engine.desk.latches import Cause
from engine.desk.turn import Turn
from engine.model.events import Event, TickSeen
from engine.model.ids import DeskState, Symbol
from engine.model.intents import Intent
from engine.model.krx_settings import KrxSettings
from engine.model.krx_views import KrxDeskView, PlanView, ScanView, WhyView
from engine.model.listing import Listing
from engine.model.market_events import Facilities
from engine.model.money import Krw
from engine.model.quota import Purpose
from engine.model.quotes import QuoteSource, Tick
from engine.model.state_facts import Trouble
from engine.rules.krx import scan_plan
from engine.rules.krx.sessions import KrxSessionTable, kst_date

OLDEST_TRADE = timedelta(seconds=60)


class KrxDesk:
    """Implements desk.base.SwitchableDesk for the Korean market.

    ``ids`` begins every client order id of this book. ``facilities``: what the server in use
    offers. ``restored`` is what ``snapshot`` gave.
    """

    def __init__(
        self,
        settings: KrxSettings,
        sessions: KrxSessionTable,
        facilities: Facilities,
        *,
        restored: Mapping[str, object] | None = None,
        ids: str = "krx-",
        is_shadow: bool = False,
    ) -> None:
        plan = scan_plan.plan(settings.scan, facilities, universe=0)
        self._state = State(settings, sessions, facilities, plan, ids, is_shadow)
        if restored:
            self._state.book = from_snapshot(restored)
        self._last_event_at: datetime | None = None
        self._idle: Outcome[Krw] = Outcome((), (), None, is_durable=False)

    def handle(self, event: Event[Krw], now: datetime) -> Outcome[Krw]:
        """Change state and say what should happen. Raises InvariantBroken only."""
        self._last_event_at = now
        turn: Turn[Krw] = Turn(now)
        if isinstance(event, TickSeen):
            if self._is_idle_after(turn, event.tick):
                return self._idle
        else:
            intake.take_in(self._state, turn, event)
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
        return agreement.resting(self._state.book, today, kst_date)

    @property
    def stays_for(self) -> str:
        """Open orders keep the mode, and so do positions: nobody else looks after their stops."""
        if any(True for _ in self._state.live()):
            return "order_in_flight"
        return "positions_held" if self._state.book.positions else ""

    def view(self, now: datetime) -> KrxDeskView:
        """A copy for the chat."""
        return view.make_view(self._state, now, self._last_event_at)

    def scan(self, now: datetime) -> ScanView:
        """The funnel."""
        return view.make_scan(self._state, now)

    def why(self, symbol: Symbol, now: datetime) -> WhyView | None:
        """Points and gates of one stock."""
        return view.make_why(self._state, symbol, now)

    def plan(self, spent: Iterable[tuple[Purpose, int]] = ()) -> PlanView:
        """The scan plan as arithmetic, beside what was spent today."""
        return scan_plan.view(self._state.plan, spent)

    def listings(self) -> Mapping[Symbol, Listing]:
        """Everything listed, as of the last master files."""
        return self._state.run.names.listings

    def _is_idle_after(self, turn: Turn[Krw], tick: Tick[Krw]) -> bool:
        """Take in a tick; True when nothing follows from it and nothing is due."""
        state = self._state
        if not state.run.is_started:
            return False
        is_call, known_at = tick.source is QuoteSource.PRICE, turn.now
        if is_call:
            call = state.run.prices.pop(tick.symbol, None)
            known_at = call.sent_at or turn.now if call is not None else turn.now
        if self._idle.wake_at is not None and turn.now >= self._idle.wake_at:
            phases.advance(state, turn)  # a tick must not be judged by the phase before
        name = state.run.names.get(tick.symbol)
        if name is not None and not _is_old(tick, turn.now):
            self._on_tick(turn, name, tick, known_at)
        if is_call:
            commands.on_call_price(state, turn, tick)
        if is_call or turn.orders or turn.is_durable or state.run.prices:
            return False
        wake = self._idle.wake_at
        return wake is not None and turn.now < wake

    def _on_tick(self, turn: Turn[Krw], name: Name, tick: Tick[Krw], known_at: datetime) -> None:
        """``known_at``: when it was so; the answer to a call may be older than the stream."""
        state, day = self._state, tick.day
        if day is not None:
            is_halted, has_vi = day.is_halted, day.has_vi
            scanner.note_halts(state, turn, name, known_at, is_halted=is_halted, has_vi=has_vi)
            if not day.is_regular:
                return
        if name.traded_at is not None and known_at < name.traded_at:
            return
        name.traded_at = known_at
        if tick.source is QuoteSource.STREAM:
            phases.note_trade(state, turn, tick.at)
        name.add_tick(tick)
        position = state.book.positions.get(tick.symbol)
        if position is not None:
            exits.on_price(state, turn, position, name, tick.price)
        entries.on_price(state, turn, name)

    def _advance(self, turn: Turn[Krw]) -> None:
        """Whatever time alone brings, and the reads that follow from the event."""
        state = self._state
        phases.advance(state, turn)
        limits.set_start_equity(state)
        guard.release_due(state, turn)
        safety.check_account(state, turn)
        safety.check_vendor(state, turn)
        notices.unpark(state, turn)
        commands.check_deadlines(state, turn)
        reconcile.tidy(state, turn)
        evaluated_at = state.run.evaluated_at
        if evaluated_at is None or turn.now - evaluated_at >= schedule.EVALUATE_EVERY:
            state.run.evaluated_at = turn.now
            guard.evaluate(state, turn)
            exits.on_time(state, turn)
        entries.manage_orders(state, turn)
        exits.manage_orders(state, turn)
        schedule.ask_periodic(state, turn)
        scanner.ask_due(state, turn)
        schedule.emit(state, turn)
        watching.watch(state, turn)

    def _outcome(self, turn: Turn[Krw]) -> Outcome[Krw]:
        state = self._state
        wake = schedule.wake_at(state, turn.now) if state.run.is_started else None
        if wake != self._idle.wake_at:
            self._idle = Outcome((), (), wake, is_durable=False)
        watch = (turn.watch,) if turn.watch is not None else ()
        intents: tuple[Intent[Krw], ...] = (*turn.orders, *turn.fetches, *watch)
        if not intents and not turn.facts and not turn.is_durable:
            return self._idle
        return Outcome(intents, tuple(turn.facts), wake, is_durable=turn.is_durable)


def _is_old(tick: Tick[Krw], now: datetime) -> bool:
    """The first trade after registering may be one of long ago (kis-websocket, 7.1)."""
    return tick.source is QuoteSource.STREAM and now - tick.at > OLDEST_TRADE
