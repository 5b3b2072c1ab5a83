"""Which names the socket streams: what is held first, then the most promising, with patience."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.krx import phases
from engine.desk.krx.names import Name
from engine.desk.krx.state import State, instrument_of
from engine.desk.turn import Turn
from engine.model.ids import Symbol
from engine.model.intents import Watch
from engine.model.money import Krw
from engine.model.score import Bucket

WATCH_EVERY = timedelta(seconds=5)


def watch(state: State, turn: Turn[Krw]) -> None:
    """Tell the socket what it is for, when that changed; newcomers every few seconds."""
    run = state.run
    needed = tuple(
        dict.fromkeys([*state.book.positions, *(order.intent.symbol for order in state.live())])
    )
    is_due = run.watch_due is None or turn.now >= run.watch_due
    if not is_due and needed == run.needed:
        return
    run.needed = needed
    if is_due:
        run.watch_due = turn.now + WATCH_EVERY
    wish = _wished(state, turn.now, needed, may_swap=is_due)
    if run.watch == wish:
        return
    run.watch = turn.watch = wish
    wanted = {instrument.symbol for instrument in wish.instruments}
    for name in run.names.by_symbol.values():
        if name.symbol not in wanted:
            name.watched_since = None
            name.miss_trades(turn.now)
        elif name.watched_since is None:
            name.watched_since = turn.now
            name.reach(Bucket.WATCHED)


def _wished(state: State, now: datetime, needed: tuple[Symbol, ...], *, may_swap: bool) -> Watch:
    """Positions and open orders first, then the best candidates."""
    if not phases.follows_account(state, now):
        return Watch((), notices=bool(needed))
    chosen = [instrument_of(state.run.names.by_symbol[symbol]) for symbol in needed]
    firm = len(chosen)
    if not phases.is_awake(state):
        return Watch(tuple(chosen), notices=True)
    # What is held takes a second registration, for halts and volatility interruptions.
    room = state.settings.scan.max_watched - 2 * firm
    rest = [n for n in _ranked(state, now, may_swap=may_swap) if n.symbol not in needed]
    chosen += [instrument_of(name) for name in rest[: max(0, room)]]
    return Watch(tuple(chosen), notices=True, candidates=len(chosen) - firm)


def _ranked(state: State, now: datetime, *, may_swap: bool) -> list[Name]:
    """Charted names, best first, with patience.

    Who has a registration keeps it for a while, and a newcomer must lead by a margin.
    """
    scan = state.settings.scan
    keep = timedelta(seconds=scan.keep_watched_s)

    def worth(name: Name) -> float:
        if name.watched_since is None:
            return name.promise if may_swap else -1.0
        if not may_swap or now - name.watched_since < keep:
            return 1000.0 + name.promise
        return name.promise + scan.swap_margin

    able = [n for n in state.run.names.by_symbol.values() if n.stats is not None and worth(n) > 0]
    return sorted(able, key=worth, reverse=True)
