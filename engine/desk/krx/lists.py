"""What is listed and when it trades: master files, the universe of the day, the broker's calendar.

A name that is held or ordered exists whatever the files say, and before they came: exits hang on
it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.desk.krx.names import Name, Names
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.ids import Symbol
from engine.model.intents import FetchListings, FetchOpenDays
from engine.model.listing import Listing, SecurityKind, Segment
from engine.model.market_events import ListingsSeen, OpenDaysSeen
from engine.model.money import ZERO_KRW, Krw
from engine.model.quota import Priority
from engine.model.score import Bucket
from engine.rules.krx import universe
from engine.rules.krx.indicators import OpeningRange, RunningDay
from engine.rules.krx.sessions import KrxSession

AGAIN_AFTER = timedelta(minutes=1)
OPEN_DAYS_AGAIN_AFTER = timedelta(minutes=10)  # KIS asks for this call once a day at most
_MINUTE_S = 60


def on_listings(state: State, turn: Turn[Krw], event: ListingsSeen) -> None:
    """The master files: of this morning, or for tomorrow's list when they come in the evening."""
    old, session = state.run.names, _session_meant(state, turn.now)
    names = Names(
        listings={listing.symbol: listing for listing in event.listings},
        scanned_at=old.scanned_at,
    )
    kept, unfit = universe.select(
        event.listings, state.settings.universe, state.settings.locks, session.day
    )
    for listing in kept:
        names.by_symbol[listing.symbol] = _name(old, listing, session)
    looked_after = _ours(state)  # whatever the filters say
    for symbol, reason in unfit.items():
        if symbol in looked_after:
            continue
        names.unfit[reason.value] = names.unfit.get(reason.value, 0) + 1
        names.unfit_of[symbol] = reason.value
    state.run.names = names
    name_ours(state, turn.now, old)
    state.run.listings_at = turn.now
    state.run.universe_day = session.day
    state.run.wants_charts = True
    _recall_today(state)
    state.make_plan()


def name_ours(state: State, now: datetime, old: Names | None = None) -> None:
    """Give whatever is held or ordered the name it lacks, as ``old`` had it if there."""
    names = state.run.names
    for symbol, stand_in in _ours(state).items():
        if symbol not in names.by_symbol:
            listing = names.listings.get(symbol, stand_in)
            names.by_symbol[symbol] = _name(old or names, listing, _session_meant(state, now))


def fresh_name(listing: Listing, session: KrxSession) -> Name:
    """A name at the beginning of its day."""
    minutes = int((session.close - session.open).total_seconds() // _MINUTE_S)
    return Name(
        listing,
        RunningDay(session.open, minutes),
        OpeningRange(session.open, session.entries_from),
    )


def on_open_days(state: State, turn: Turn[Krw], event: OpenDaysSeen) -> None:
    """The broker's calendar is believed over the table."""
    state.book.open_days_on = state.today(turn.now)
    turn.changed()
    found = {day.isoformat(): is_open for day, is_open in event.open_days}
    if (record := state.book.day) is not None and record.has_traded:
        found[record.day.isoformat()] = True  # it was seen to be open
    if any(state.book.open_days.get(day) != is_open for day, is_open in found.items()):
        state.book.open_days.update(found)
        apply_open_days(state)
        turn.changed()


def apply_open_days(state: State) -> None:
    """Hand what the broker confirmed to the session table."""
    known = state.book.open_days.items()
    state.sessions.confirm({date.fromisoformat(day): is_open for day, is_open in known})
    state.forget_session()


def ask_due(state: State, turn: Turn[Krw]) -> None:
    """Both once a day: files anew each morning, and in the evening for tomorrow's list."""
    today, meant = state.today(turn.now), _session_meant(state, turn.now)
    read_at = state.run.listings_at
    # The exchange builds the files before the open; what was read earlier is of the day before.
    is_old = read_at is None or read_at < meant.prepare_at <= turn.now
    if state.run.universe_day == meant.day and not is_old:
        return
    if state.is_due("listings", turn.now, AGAIN_AFTER):
        turn.fetches.append(FetchListings(Priority.SCAN))
    wants_days = state.facilities.has_open_days and state.book.open_days_on != today
    if wants_days and state.is_due("open days", turn.now, OPEN_DAYS_AGAIN_AFTER):
        turn.fetches.append(FetchOpenDays(today, Priority.SCAN))


def _session_meant(state: State, now: datetime) -> KrxSession:
    """Today's until its digest, then the next one."""
    session = state.session(now)
    if session is not None and now < session.digest_at:
        return session
    return state.sessions.next_session(state.today(now))


def _name(old: Names, listing: Listing, session: KrxSession) -> Name:
    """What is known of the session stays when the files come again."""
    known = old.get(listing.symbol)
    if known is None or known.range.opens_at != session.open:
        return fresh_name(listing, session)
    known.listing = listing
    return known


def _ours(state: State) -> dict[Symbol, Listing]:
    """What is held or ordered, each with what stands in for a line of the files."""
    found: dict[Symbol, Listing] = {}
    for order in state.live():
        symbol = order.intent.symbol
        found[symbol] = _unlisted(symbol, symbol, Segment.KOSPI, order.intent.decision_price)
    for symbol, held in state.book.positions.items():
        found[symbol] = _unlisted(symbol, held.name, held.segment, held.avg_cost)
    return found


def _unlisted(symbol: Symbol, name: str, segment: Segment, price: Krw) -> Listing:
    """A share that trades."""
    return Listing(
        symbol=symbol,
        name=name,
        segment=segment,
        kind=SecurityKind.COMMON,
        base_price=price,
        prev_volume=0,
        shares=0,
        market_cap=ZERO_KRW,
        listed_on=None,
        is_halted=False,
        is_managed=False,
        is_liquidation=False,
        warning="00",
        is_overheated=False,
    )


def _recall_today(state: State) -> None:
    """A name traded today keeps its place in the funnel over a restart or a new list."""
    for symbol in state.book.entered:
        name = state.run.names.get(symbol)
        if name is not None:
            held = symbol in state.book.positions
            name.reach(Bucket.HELD if held else Bucket.DONE)
