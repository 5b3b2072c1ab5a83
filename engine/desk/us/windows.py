"""The desk's day: windows, the readiness check, the summary, the end of the session table."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP

from engine.desk import blotter, mismatches
from engine.desk.turn import Turn
from engine.desk.us import safety, unexplained
from engine.desk.us.book import DayRecord, Standing
from engine.desk.us.state import State
from engine.model.day_facts import CalendarWarning, DaySummary, Window, WindowChanged
from engine.model.money import ZERO_USD, Usd
from engine.model.quota import Priority
from engine.model.settings import AtWindowEnd
from engine.rules.autosell import fee_of
from engine.rules.sessions import Session
from engine.rules.us_costs import levies

WARN_DAYS = (30, 7, 1, -1)  # the last: today is not covered
_SUMMARY_WITHIN = timedelta(hours=1)
_DAY_WINDOWS = frozenset({Window.PREMARKET, Window.REGULAR})


def window_at(state: State, now: datetime) -> Window:
    """What the desk does at a moment; orders still open make the difference after the window."""
    session = state.sessions.session_on(state.today(now))
    if session is None or not session.premarket <= now < session.close:
        return Window.ASLEEP
    if now < session.regular:
        return Window.PREMARKET
    if now < session.window_end:
        return Window.REGULAR
    return Window.FOLLOW_UP if any(True for _ in state.live()) else Window.ASLEEP


def next_change(state: State, now: datetime) -> tuple[datetime, Window]:
    """When the window changes by the clock, and to what."""
    today = state.today(now)
    session = state.sessions.session_on(today)
    if session is not None and now < session.close:
        if now < session.premarket:
            return session.premarket, Window.PREMARKET
        if now < session.regular:
            return session.regular, Window.REGULAR
        if now < session.window_end:
            return session.window_end, Window.ASLEEP
        if state.book.window is Window.FOLLOW_UP:
            return session.close, Window.ASLEEP
    return state.sessions.next_session(today).premarket, Window.PREMARKET


def next_moment(state: State, now: datetime) -> datetime:
    """The next fixed time of the day at which something happens."""
    today = state.today(now)
    session = state.sessions.session_on(today)
    moments = [next_change(state, now)[0], state.sessions.next_session(today).readiness]
    if session is not None:
        moments += [session.readiness, session.summary]
    return min(moment for moment in moments if moment > now)


def advance(state: State, turn: Turn) -> None:
    """Move the desk's day on to ``turn.now``."""
    today = state.today(turn.now)
    if state.book.day is None or state.book.day.day != today:
        _begin_day(state, turn)
    session = state.sessions.session_on(today)
    if session is not None:
        _check_readiness(state, turn, session)
        _tell_summary(state, turn, session)
    window = window_at(state, turn.now)
    if window is not state.book.window:
        _change(state, turn, window)


def is_open(state: State, now: datetime) -> bool:
    """Whether the exchange takes orders the desk may send (04:00 ET to the close)."""
    session = state.sessions.session_on(state.today(now))
    return session is not None and session.premarket <= now < session.close


def _begin_day(state: State, turn: Turn) -> None:
    today = state.today(turn.now)
    state.book.day = DayRecord(today)
    state.book.gone.clear()
    first = state.first_report_day(turn.now)
    unexplained.forget_before(state, first)
    mismatches.forget_before(state.book, first)
    oldest = blotter.forget_old(state.book.orders, today, first)
    for number in [key for key, count in state.book.counted.items() if count.day < oldest]:
        del state.book.counted[number]
    for position in state.book.positions.values():
        position.reprices = position.rejects = 0
        position.retry_at = None
        position.refusals_told = []
    safety.on_new_day(state, turn)
    _warn_of_calendar(state, turn)
    turn.changed()


def _warn_of_calendar(state: State, turn: Turn) -> None:
    today = state.today(turn.now)
    left = (state.sessions.last_date - today).days
    if not state.sessions.covers(today):
        left = min(left, -1)
    passed = [days for days in WARN_DAYS if left <= days]
    if not passed:
        return
    told = state.book.calendar_told
    if told is None or min(passed) < told:
        state.book.calendar_told = min(passed)
        turn.tell(CalendarWarning(state.sessions.last_date, left))


def _check_readiness(state: State, turn: Turn, session: Session) -> None:
    """Three calls before the window: can the account be read, and what is in it."""
    day = state.book.day
    if day is None or day.is_ready_asked or not session.readiness <= turn.now < session.premarket:
        return
    day.is_ready_asked = True
    turn.changed()
    for call in (state.run.holdings, state.run.reports, state.run.cash):
        call.ask(turn.now, Priority.RECONCILE, is_exempt=True)


def _change(state: State, turn: Turn, window: Window) -> None:
    before, state.book.window = state.book.window, window
    until = next_change(state, turn.now)[0]
    armed = sum(p.standing is Standing.ARMED for p in state.book.positions.values())
    turn.tell(WindowChanged(window, until, armed))
    if window in _DAY_WINDOWS:
        state.run.holdings.ask(turn.now)
        state.run.reports.ask(turn.now)
        state.run.reconciled_at = turn.now
    if window is not Window.REGULAR and before is Window.REGULAR:
        safety.on_regular_end(state, turn)
    is_end = before in _DAY_WINDOWS and window is Window.FOLLOW_UP
    if is_end and state.settings.at_window_end is AtWindowEnd.CANCEL:
        for order in state.live():
            blotter.ask_cancel(turn, order, is_repricing=False)


def _tell_summary(state: State, turn: Turn, session: Session) -> None:
    day = state.book.day
    if day is None or day.is_summary_told or turn.now < session.summary:
        return
    day.is_summary_told = True
    if turn.now - session.summary > _SUMMARY_WITHIN:
        turn.changed()
        return
    sales, gain, fees = 0, ZERO_USD, ZERO_USD
    for order in state.book.orders.values():
        if order.day == day.day and order.filled_qty and order.avg_price is not None:
            sales += 1
            gain += (order.avg_price - order.avg_cost) * order.filled_qty
            amount = order.avg_price * order.filled_qty
            fees += fee_of(amount, state.settings)
            fees += levies(amount, order.filled_qty, order.day)
    used = state.run.quota.used_today if state.run.quota is not None else 0
    turn.tell(
        DaySummary(
            day.day,
            sales,
            _cents(gain),
            _cents(fees),
            len(state.book.positions),
            used,
            state.book.fx,
        )
    )


def _cents(amount: Usd) -> Usd:
    return amount.rounded(ROUND_HALF_UP)
