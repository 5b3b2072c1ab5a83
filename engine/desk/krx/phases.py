"""The desk's day in Korea: phases, the plan before the open, the digest after the close."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk import blotter, latches, mismatches
from engine.desk.krx import guard, held_back, limits, profiles, safety
from engine.desk.krx.book import DayRecord
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.day_facts import CalendarWarning, DaySummary
from engine.model.entry_facts import DayPlanned, Phase, PhaseChanged
from engine.model.money import Krw
from engine.model.state_facts import Trouble
from engine.rules.krx.sessions import KrxSession, phase_at

WARN_DAYS = (30, 7, 1, -1)  # the last: today is not covered
_TOLD_WITHIN = timedelta(hours=1)
_OPEN = frozenset(
    {Phase.OPENING, Phase.ENTRIES, Phase.MANAGING, Phase.FLATTENING, Phase.CLOSING_AUCTION}
)


def advance(state: State, turn: Turn[Krw]) -> None:
    """Move the desk's day on to ``turn.now``."""
    today = state.today(turn.now)
    if state.book.day is None or state.book.day.day != today:
        _begin_day(state, turn)
    session = state.session(turn.now)
    phase = phase_at(session, turn.now)
    if phase is not state.book.phase:
        _change(state, turn, phase)
    if session is not None:
        _tell_plan(state, turn, session)
        _tell_summary(state, turn, session)


def is_open(state: State, now: datetime) -> bool:
    """Whether the exchange takes the orders the desk sends."""
    session = state.session(now)
    return session is not None and session.open <= now < session.close


def is_awake(state: State) -> bool:
    """Whether the desk looks at the market by itself."""
    return state.book.phase is not Phase.CLOSED


def follows_account(state: State, now: datetime) -> bool:
    """Whether the account is read by itself: awake, and after the close until orders are settled.

    The closing auction ends up to half a minute late, and its executions come after it.
    """
    if is_awake(state):
        return True
    session = state.session(now)
    is_over = session is not None and session.close <= now < session.digest_at
    return is_over and any(True for _ in state.live())


def note_trade(state: State, turn: Turn[Krw], at: datetime) -> None:
    """A regular trade was seen: the exchange is open today, whatever the calendar says later."""
    day, session = state.day, state.session(turn.now)
    if day.has_traded or session is None:
        return
    if day.day == session.day and session.open <= at:
        day.has_traded = True
        turn.changed()


def next_change(state: State, now: datetime) -> tuple[datetime, Phase]:
    """When the phase changes by the clock, and to what."""
    session = state.session(now)
    upcoming = moments(session) if session is not None else []
    for at, phase in upcoming:
        if at > now:
            return at, phase
    return state.sessions.next_session(state.today(now)).prepare_at, Phase.PREPARING


def moments(session: KrxSession) -> list[tuple[datetime, Phase]]:
    """The day's changes in order."""
    return [
        (session.prepare_at, Phase.PREPARING),
        (session.open, Phase.OPENING),
        (session.entries_from, Phase.ENTRIES),
        (session.last_entry, Phase.MANAGING),
        (session.flatten, Phase.FLATTENING),
        (session.close_auction, Phase.CLOSING_AUCTION),
        (session.close, Phase.CLOSED),
    ]


def next_moment(state: State, now: datetime) -> datetime:
    """The next fixed time at which something happens."""
    wanted = [next_change(state, now)[0]]
    session = state.session(now)
    if session is not None:
        wanted += [session.plan_at, session.digest_at]
    return min(at for at in wanted if at > now)


def _begin_day(state: State, turn: Turn[Krw]) -> None:
    today = state.today(turn.now)
    state.forget_session()
    state.book.day = DayRecord(today)
    state.book.attempts.clear()
    state.book.entered.clear()
    first = state.first_report_day(turn.now)
    blotter.forget_old(state.book.orders, today, first)
    mismatches.forget_before(state.book, first)
    for position in state.book.positions.values():
        position.told = []
        position.held = None
        position.rejects = 0
        position.retry_at = None
    guard.on_new_day(state, turn)
    _warn_of_calendar(state, turn)
    turn.changed()


def _warn_of_calendar(state: State, turn: Turn[Krw]) -> None:
    today = state.today(turn.now)
    left = (state.sessions.last_date - today).days
    if not state.sessions.covers(today):
        left = min(left, -1)
    passed = [days for days in WARN_DAYS if left <= days]
    told = state.book.calendar_told
    if passed and (told is None or min(passed) < told):
        state.book.calendar_told = min(passed)
        turn.tell(CalendarWarning(state.sessions.last_date, left))


def _change(state: State, turn: Turn[Krw], phase: Phase) -> None:
    before, state.book.phase = state.book.phase, phase
    state.run.wants_charts = True
    turn.tell(PhaseChanged(phase, next_change(state, turn.now)[0]))
    if phase is not Phase.CLOSED:
        for call in (state.run.holdings, state.run.reports, state.run.cash_call):
            call.ask(turn.now)
        state.run.reconciled_at = turn.now
    if phase is Phase.CLOSED and before in _OPEN:
        state.run.reports.ask(turn.now, is_exempt=True)
        safety.on_close(state, turn)
        profiles.record(state, turn.now)
    if phase is Phase.CLOSED:
        latches.clear(state.book, turn, Trouble.INDEX, "the session is over")


def _tell_plan(state: State, turn: Turn[Krw], session: KrxSession) -> None:
    """Ten minutes before the open, once the account was read; later only while it is of use."""
    day, run = state.day, state.run
    if day.is_plan_told or not session.plan_at <= turn.now < session.open:
        return
    if not state.is_ready or run.universe_day != day.day:
        return
    day.is_plan_told = True
    limits.set_start_equity(state)
    risk = state.settings.risk
    turn.tell(
        DayPlanned(
            day=day.day,
            opens_at=session.open,
            last_entry_at=session.last_entry,
            flatten_at=session.flatten,
            closes_at=session.close,
            universe=len(run.names.by_symbol),
            threshold=state.settings.entry.threshold,
            max_trades=risk.max_trades,
            max_positions=risk.max_positions,
            max_order=Krw(limits.whole(risk.max_order_krw)),
            max_daily_loss=limits.loss_limit(state),
            is_special=session.is_special,
        )
    )


def _tell_summary(state: State, turn: Turn[Krw], session: KrxSession) -> None:
    day = state.day
    if day.is_summary_told or turn.now < session.digest_at:
        return
    day.is_summary_told = True
    turn.changed()
    if turn.now - session.digest_at > _TOLD_WITHIN:
        return
    used = state.run.quota.used_today if state.run.quota is not None else 0
    turn.tell(
        DaySummary(
            day=day.day,
            sales=day.round_trips,
            gross_gain=day.gross,
            fees=day.fees,
            open_positions=len(state.book.positions),
            used_calls=used,
            fx=None,
            tax=day.tax,
            entries=len(day.opened),
            held_back=held_back.summed_up(state, session.flatten),
        )
    )
