"""Where the desk looks: the universe of the day, scans, charts, and who gets a registration.

Calls go where they matter: rankings and calls for thirty narrow the market, charts are read only
for names that could still pass, the socket's registrations belong to positions, then to the best.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from engine.desk import vendor
from engine.desk.krx import held_back, lists, phases, scores
from engine.desk.krx.names import Name
from engine.desk.krx.safety import PROBE_EVERY
from engine.desk.krx.state import Pace, State
from engine.desk.turn import Turn
from engine.model.candles import DayCandle, MinuteCandle
from engine.model.entry_facts import Phase, SymbolHalted
from engine.model.ids import Symbol
from engine.model.intents import (
    FetchDayCandles,
    FetchIndex,
    FetchMinuteCandles,
    FetchRanking,
    FetchRows,
    FetchState,
)
from engine.model.listing import Segment
from engine.model.market_events import (
    DayCandlesSeen,
    IndexSeen,
    MinuteCandlesSeen,
    OperationSeen,
    RowsSeen,
    StateSeen,
)
from engine.model.money import Krw
from engine.model.quota import Priority
from engine.model.score import Bucket
from engine.rules.krx.indicators import day_stats, won

CHARTS_AGAIN_AFTER = timedelta(seconds=30)
STATE_AGAIN_AFTER = timedelta(seconds=10)
SILENT_AFTER = timedelta(seconds=30)
_MINUTE_S = 60


def on_rows(state: State, event: RowsSeen) -> None:
    """A scan: figures of names of the universe, and how promising each is."""
    state.run.names.scanned_at = event.asked_at
    for row in event.rows:
        name = state.run.names.get(row.symbol)
        if name is None:
            continue
        name.add_row(row, event.asked_at)
        name.promise = promise_of(state, name, event.asked_at)
        if name.promise > 0:
            if name.lacks_chart(event.asked_at):
                state.run.wants_charts = True
            name.reach(Bucket.WATCHED if name.watched_since is not None else Bucket.CANDIDATE)
        elif name.watched_since is None:
            name.reach(Bucket.QUIET)


def promise_of(state: State, name: Name, now: datetime) -> float:
    """How good a name could be: its score where its chart is known, else its rise so far.

    Zero or less: it cannot pass today as it stands (below yesterday's close, or hardly traded).
    """
    price, base = name.price, won(name.listing.base_price)
    if price is None or not 0 < base < won(price):
        return 0.0
    if name.stats is not None:
        return float(scores.recent_card(state, name, now, won(price)).total)
    rise = won(price) / base - 1
    volume = name.running.cum_volume or 0
    usual = max(name.listing.prev_volume, 1)
    return min(99.0, rise * 400 + min(volume / usual, 2.0) * 20)


def on_day_candles(state: State, turn: Turn[Krw], event: DayCandlesSeen) -> None:
    """A chart: the levels and averages of the name."""
    name = state.run.names.get(event.symbol)
    if name is not None:
        take_candles(state, name, event.candles, turn.now)


def take_candles(state: State, name: Name, candles: Iterable[DayCandle], now: datetime) -> None:
    """Count a name's history."""
    session = state.session(now)
    day = session.day if session is not None else state.today(now)
    name.stats = day_stats(candles, day, state.settings.stages)
    name.is_charted = True  # one without any day before is not asked for again
    name.levels_until = None


def on_minute_candles(state: State, event: MinuteCandlesSeen) -> None:
    """Minutes that were missed: the opening range."""
    name = state.run.names.get(event.symbol)
    if name is not None:
        take_minutes(name, event.candles)


def take_minutes(name: Name, candles: Iterable[MinuteCandle[Krw]]) -> None:
    """Count the minutes of the opening range."""
    name.has_range = True
    for candle in candles:
        name.range.add_candle(candle)
    name.levels_until = None


def on_index(state: State, event: IndexSeen) -> None:
    """A board's index."""
    state.book.index_pct[event.segment] = event.change_pct
    state.run.index_at[event.segment] = event.at


def on_state(state: State, event: StateSeen) -> None:
    """Price limits and halts of a name."""
    name = state.run.names.get(event.symbol)
    if name is not None:
        name.state = event
        if name.halts_at is None:
            name.is_halted, name.has_vi = event.is_halted, event.has_vi


def on_operation(state: State, turn: Turn[Krw], event: OperationSeen) -> None:
    """A halt or a volatility halt began or ended."""
    name = state.run.names.get(event.symbol)
    if name is not None:
        halts = {"is_halted": event.is_halted, "has_vi": event.has_vi}
        note_halts(state, turn, name, turn.now, **halts)


def note_halts(
    state: State,
    turn: Turn[Krw],
    name: Name,
    known_at: datetime,
    *,
    is_halted: bool,
    has_vi: bool,
) -> None:
    """Whether the stock trades; a change is told where the desk holds it. Old news are none."""
    if name.halts_at is not None and known_at < name.halts_at:
        return
    name.halts_at = known_at
    if (is_halted, has_vi) == (name.is_halted, name.has_vi):
        return
    if name.symbol in state.book.positions:
        if has_vi != name.has_vi:
            _tell_halt(turn, name, is_volatility=True, is_over=not has_vi)
        if is_halted != name.is_halted:
            _tell_halt(turn, name, is_volatility=False, is_over=not is_halted)
    name.is_halted, name.has_vi = is_halted, has_vi


def _tell_halt(turn: Turn[Krw], name: Name, *, is_volatility: bool, is_over: bool) -> None:
    turn.tell(
        SymbolHalted(name.symbol, name.listing.name, is_volatility=is_volatility, is_over=is_over)
    )


def ask_due(state: State, turn: Turn[Krw]) -> None:
    """Market reads that are due; each paces itself, and none takes the place of an order's."""
    if state.run.hold_until is not None and turn.now < state.run.hold_until:
        return
    lists.ask_due(state, turn)
    if not phases.is_awake(state):
        return
    if phases.is_open(state, turn.now):
        _ask_states(state, turn)
    if vendor.rests(state.book):
        if state.is_shadow and phases.is_open(state, turn.now):
            _ask_indices(state, turn, PROBE_EVERY)  # no account of its own at KIS tells it is back
        return
    if phases.is_open(state, turn.now):
        _ask_indices(state, turn, state.plan.index_every)
    if state.book.phase in (Phase.OPENING, Phase.ENTRIES):
        _ask_scans(state, turn)
        _ask_charts(state, turn)
    elif state.book.phase is Phase.PREPARING:
        _ask_charts(state, turn)
    held_back.ask_due(state, turn)


def next_due(state: State, now: datetime) -> datetime | None:
    """When the next market read is due."""
    if not phases.is_awake(state):
        return None
    wanted = (state.run.watch_due, *(pace.due for pace in state.run.paces.values()))
    return min((at for at in wanted if at is not None and at > now), default=None)


def _ask_indices(state: State, turn: Turn[Krw], every: timedelta) -> None:
    if state.is_due("index", turn.now, every):
        for segment in Segment:
            turn.fetches.append(FetchIndex(segment, Priority.SCAN))


def _ask_states(state: State, turn: Turn[Krw]) -> None:
    """The price limits of what is held, until they are known: a rule and every order need them."""
    for symbol in state.book.positions:
        name = state.run.names.by_symbol[symbol]
        if name.state is None and state.is_due(f"state:{symbol}", turn.now, STATE_AGAIN_AFTER):
            turn.fetches.append(FetchState(symbol, Priority.RECONCILE))


def _ask_scans(state: State, turn: Turn[Krw]) -> None:
    plan = state.plan
    for ranking in plan.rankings:
        if state.is_due(f"ranking:{ranking}", turn.now, plan.rankings_every):
            turn.fetches.append(FetchRanking(ranking, Priority.SCAN))
    if plan.rows_every is not None and state.is_due("rows", turn.now, plan.rows_every):
        symbols = [name.symbol for name in candidates(state) if not _is_heard(name, turn.now)]
        size = state.facilities.rows_per_call
        for begin in range(0, len(symbols), size):
            chunk = tuple(symbols[begin : begin + size])
            turn.fetches.append(FetchRows(chunk, Priority.SCAN))
    if plan.sweep_names and state.is_due("sweep", turn.now, plan.sweep_step_every):
        turn.fetches.append(FetchRows(_next_of_sweep(state), Priority.SCAN))


def _is_heard(name: Name, now: datetime) -> bool:
    """Whether the stream really brings it: a wish may find no room, a socket may be dead."""
    if name.watched_since is None:
        return False
    since = name.watched_since if name.tick is None else max(name.tick.at, name.watched_since)
    return now - since < SILENT_AFTER


def _next_of_sweep(state: State) -> tuple[Symbol, ...]:
    """The universe in turn, the most traded first, as far as the plan goes."""
    names = state.run.names
    if not names.by_value:
        ranked = sorted(names.by_symbol.values(), key=_traded_yesterday, reverse=True)
        names.by_value = tuple(name.symbol for name in ranked)
    covered = names.by_value[: state.plan.sweep_names]
    begin = state.run.sweep_at % len(covered)
    state.run.sweep_at = begin + state.facilities.rows_per_call
    return covered[begin : state.run.sweep_at]


def _ask_charts(state: State, turn: Turn[Krw]) -> None:
    """One chart at a time for the most promising names that have none."""
    pace = state.run.paces.setdefault("chart", Pace())
    if not state.run.wants_charts or (pace.due is not None and turn.now < pace.due):
        return
    is_early = state.book.phase is Phase.PREPARING
    state.run.wants_charts = False
    for name in candidates(state):
        if not name.lacks_chart(turn.now):
            continue
        state.run.wants_charts = True
        asked_at = name.charts_asked_at
        if asked_at is None or turn.now - asked_at >= CHARTS_AGAIN_AFTER:
            pace.due = turn.now + (
                state.plan.early_chart_every if is_early else state.plan.chart_every
            )
            _ask_chart(state, turn, name)
            return


def _ask_chart(state: State, turn: Turn[Krw], name: Name) -> None:
    name.charts_asked_at = turn.now
    if not name.is_charted:
        turn.fetches.append(FetchDayCandles(name.symbol, state.today(turn.now), Priority.SCAN))
    if not name.has_range and turn.now >= name.range.ends_at:
        turn.fetches.append(FetchMinuteCandles(name.symbol, name.range.ends_at, Priority.SCAN))
    if name.state is None:
        turn.fetches.append(FetchState(name.symbol, Priority.SCAN))


def candidates(state: State) -> list[Name]:
    """Names whose charts are worth a call, best first: positions, then the most promising.

    Before the open nothing moves: then those that traded most yesterday.
    """
    names = state.run.names.by_symbol
    held = [names[symbol] for symbol in state.book.positions if symbol in names]
    limit = state.settings.scan.max_candidates
    if state.book.phase is Phase.PREPARING:
        rest = sorted(names.values(), key=lambda name: -_traded_yesterday(name))
    else:
        moving = [name for name in names.values() if name.promise > 0]
        rest = sorted(moving, key=lambda name: -name.promise)
    return [*held, *(name for name in rest[:limit] if name not in held)]


def _traded_yesterday(name: Name) -> int:
    return won(name.listing.base_price) * name.listing.prev_volume
