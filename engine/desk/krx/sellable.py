"""How many shares of a position may be sold, once the broker refused to sell so many.

The trader's own open sale may hold some of them: then what the account lets go is sold, and the
rest as soon as it is free.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.krx.book import KrxPosition
from engine.desk.krx.state import State
from engine.model.ids import Symbol

LAG = timedelta(seconds=5)  # the balance may be so late after a trade
LOOK_EVERY = timedelta(seconds=10)
# An account that does not answer for so long keeps nothing back: all of it is tried again.
LONGEST_WAIT = timedelta(seconds=30)
_CODES = frozenset({"APBK0400", "APBK1234", "40240000"})


def is_about_quantity(code: str, text: str) -> bool:
    """Whether a refusal says that fewer shares can be sold. The exchange has words only."""
    return code in _CODES or ("가능" in text and "수량" in text)


def limit_to_account(state: State, symbol: Symbol, since: datetime) -> None:
    """From now on a balance asked for at ``since`` or later tells what can be sold."""
    state.run.limited[symbol] = since
    state.run.holdings.ask(since)


def sellable_qty(state: State, position: KrxPosition, now: datetime) -> int:
    """Shares no sell order of ours holds, and that the account lets go where it has a say."""
    symbol, free = position.symbol, state.free_qty(position)
    since, read_at = state.run.limited.get(symbol), state.run.holdings_at
    if since is None:
        return free
    if read_at is None or read_at < since:
        if now < since + LONGEST_WAIT:
            return 0
        del state.run.limited[symbol]
        return free
    held = state.run.account.get(symbol)
    sellable = held.sellable_qty if held is not None else 0
    if sellable >= free:
        del state.run.limited[symbol]
        return free
    state.run.holdings.ask(max(now, read_at + LOOK_EVERY))
    return sellable


def note_placed(state: State, symbol: Symbol, now: datetime) -> None:
    """An order of ours holds shares now: the last balance does not know of it."""
    if symbol in state.run.limited:
        limit_to_account(state, symbol, now + LAG)
