"""Which prices are believed: second readings, breaks of the level, the balance's stale price."""

from __future__ import annotations

from datetime import timedelta

from engine.desk.turn import Turn
from engine.desk.us.book import Position
from engine.desk.us.state import Reading, State
from engine.model.ids import Symbol
from engine.model.money import Usd
from engine.model.position_facts import PriceBreak, QuoteStale
from engine.model.quotes import Tick
from engine.rules.sanity import is_break, move_pct

READINGS_NEEDED = 2
_STRIKES_APART = 2
_STRIKES_FROZEN = 3
_SAME_SESSION = timedelta(hours=12)  # the desk's day has 8 hours, 16 lie between two
_COMPARABLE = timedelta(seconds=30)


def note_balance(state: State, symbol: Symbol, tick: Tick) -> bool:
    """Keep the balance's price; True when it moved. It counts as a first reading at most."""
    reading = state.reading(symbol)
    has_moved = reading.balance is None or reading.balance.price != tick.price
    reading.balance = tick
    if reading.streak == 0 and reading.odd is None and not state.is_stale(symbol):
        reading.streak = 1
    return has_moved


def note_price(state: State, turn: Turn, position: Position, tick: Tick) -> bool:
    """Take in a price of the stream or of a price call; True when it may be acted on."""
    reading = state.reading(position.symbol)
    if tick.prev_close is not None and tick.prev_close.amount > 0:
        reading.prev_close = tick.prev_close
    reference = _reference(position, reading, tick)
    if reference is None or not is_break(tick.price, reference, state.settings):
        reading.good, reading.odd = tick, None
        reading.streak += 1
        return reading.streak >= READINGS_NEEDED
    odd = reading.odd
    if odd is None or is_break(tick.price, odd.price, state.settings):
        reading.odd, reading.streak = tick, 0  # one print may be an error
        return False
    reading.good, reading.odd = tick, None
    reading.streak = READINGS_NEEDED
    return not _tell_break(state, turn, position, reference, tick.price)


def note_call(state: State, turn: Turn, tick: Tick) -> None:
    """Compare a price call with what the balance shows for the same symbol."""
    reading = state.reading(tick.symbol)
    before, reading.called, reading.called_at = reading.called, tick, turn.now
    balance = reading.balance
    if balance is None or state.is_stale(tick.symbol) or tick.at - balance.at > _COMPARABLE:
        return
    is_apart = move_pct(tick.price, balance.price) > state.settings.stale_gap_pct
    if not is_apart and not _is_frozen(reading, balance, before, tick):
        reading.strikes, reading.struck = 0, None
        return
    if reading.struck is not None and balance.at <= reading.struck.at:
        return
    reading.struck = balance
    reading.strikes += 1
    reading.called_at = None  # ask again soon: the balance may just have been late
    if reading.strikes >= (_STRIKES_APART if is_apart else _STRIKES_FROZEN):
        _mark_stale(state, turn, tick.symbol)


def _mark_stale(state: State, turn: Turn, symbol: Symbol) -> None:
    if state.book.day is None:
        return
    stale = state.book.day.stale
    stale.append(symbol)
    interval = state.run.interval_s or state.settings.poll_max_s
    turn.tell(QuoteStale(symbol, interval * len(stale)))


def _is_frozen(reading: Reading, balance: Tick, before: Tick | None, tick: Tick) -> bool:
    """Whether volume grows while the balance stays where it was, beside the price."""
    if before is None or before.cum_volume is None or tick.cum_volume is None:
        return False
    stood_still = reading.struck is None or reading.struck.price == balance.price
    return stood_still and tick.cum_volume > before.cum_volume and tick.price != balance.price


def _reference(position: Position, reading: Reading, tick: Tick) -> Usd | None:
    """The level a price is compared with: the last good one, else the close, else the cost."""
    good = reading.good
    if good is not None and tick.at - good.at < _SAME_SESSION:
        return good.price
    if reading.prev_close is not None:
        return reading.prev_close
    if position.approved_pct is not None or position.avg_cost.amount <= 0:
        return None
    return position.avg_cost


def _tell_break(state: State, turn: Turn, position: Position, before: Usd, after: Usd) -> bool:
    """Tell a break once a day; a gain beyond belief is the sanity gate's to ask about."""
    limit = position.avg_cost * (1 + state.settings.max_gain_pct / 100)
    if after > before and after > limit:
        return False
    today = state.today(turn.now)
    if position.broken_on != today:
        position.broken_on = today
        turn.changed()
        if not any(q.symbol == position.symbol for q in state.book.questions.values()):
            turn.tell(PriceBreak(position.symbol, before, after))
    return True
