"""How a stock's own volume runs through the day: recorded at the close, used from then on.

Only names that were streamed nearly from the open on are recorded. The closing auction comes after
the record, so what was traded until then is taken for the share the general curve has by then.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.model.ids import Symbol
from engine.rules.krx.sessions import KrxSession
from engine.rules.krx.volume_curve import (
    CURVES,
    SESSION_MINUTES,
    VolumeCurve,
    recorded_shares,
    refined,
)

KEPT_DAYS = 5
KEPT_NAMES = 40
BEGUN_WITHIN = timedelta(minutes=5)
_MINUTE_S = 60


def record(state: State, now: datetime) -> None:
    """Keep the day of every name that was streamed all along; the oldest give way."""
    session = state.session(now)
    if session is None:
        return
    profiles = state.book.profiles
    for name in state.run.names.by_symbol.values():
        shares = _shares_of(name, session)
        if shares is None:
            continue
        days = [*profiles.pop(name.symbol, []), _as_text(shares)]
        profiles[name.symbol] = days[-KEPT_DAYS:]  # moved to the end: the newest
    for symbol in list(profiles)[:-KEPT_NAMES]:
        del profiles[symbol]
    state.run.curves.clear()


def curve_of(state: State, name: Name) -> VolumeCurve:
    """The general curve of the board, drawn towards the stock's own days."""
    general = CURVES[name.listing.segment]
    days = state.book.profiles.get(name.symbol)
    if not days:
        return general
    curves: dict[Symbol, VolumeCurve] = state.run.curves
    if name.symbol not in curves:
        own = [day for text in days if len(day := _from_text(text)) == len(general.knots)]
        curves[name.symbol] = refined(general, own)
    return curves[name.symbol]


def minutes_of(session: KrxSession) -> int:
    """Length of the session in minutes."""
    return int((session.close - session.open).total_seconds() // _MINUTE_S)


def _shares_of(name: Name, session: KrxSession) -> tuple[float | None, ...] | None:
    if name.watched_since is None or name.watched_since > session.open + BEGUN_WITHIN:
        return None
    general = CURVES[name.listing.segment]
    length = minutes_of(session)
    found = recorded_shares(name.running, general.knots, length)
    if not any(found):
        return None
    until = (session.close_auction - session.open).total_seconds() / _MINUTE_S
    done = general.share_at(until, length)
    last = until * SESSION_MINUTES / length
    return tuple(
        None if share is None or knot > last else share * done
        for knot, share in zip(general.knots, found, strict=True)
    )


def _as_text(shares: tuple[float | None, ...]) -> str:
    """One word a day: a book holds hundreds of them and is written whole."""
    return ",".join("" if share is None else f"{share:.4f}" for share in shares)


def _from_text(text: str) -> tuple[float | None, ...]:
    return tuple(float(share) if share else None for share in text.split(","))
