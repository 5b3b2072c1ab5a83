"""What is listed and when it trades: master files, the universe of the day, the broker's calendar.

A name that is held exists whatever the files say, and before they came: exits hang on it.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from engine.desk.krx.book import KrxPosition
from engine.desk.krx.names import Name, Names
from engine.desk.krx.state import State
from engine.desk.turn import Turn
from engine.model.intents import FetchListings, FetchOpenDays
from engine.model.listing import Listing, SecurityKind
from engine.model.market_events import ListingsSeen, OpenDaysSeen
from engine.model.money import ZERO_KRW, Krw
from engine.model.quota import Priority
from engine.model.score import Bucket
from engine.rules.krx import universe
from engine.rules.krx.indicators import OpeningRange, RunningDay
from engine.rules.krx.sessions import KrxSession

AGAIN_AFTER = timedelta(minutes=1)
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
    for symbol, reason in unfit.items():
        if symbol in state.book.positions:
            continue  # held: looked after whatever the filters say
        names.unfit[reason.value] = names.unfit.get(reason.value, 0) + 1
        names.unfit_of[symbol] = reason.value
    state.run.names = names
    for position in state.book.positions.values():
        if position.symbol not in names.by_symbol:
            listing = names.listings.get(position.symbol) or _unlisted(position)
            names.by_symbol[position.symbol] = _name(old, listing, session)
    state.run.listings_at = turn.now
    state.run.universe_day = session.day
    state.run.wants_charts = True
    _recall_today(state)
    state.make_plan()


def name_held(state: State, now: datetime) -> None:
    """At a start: names of what is held, before any file came."""
    session = _session_meant(state, now)
    for position in state.book.positions.values():
        state.run.names.by_symbol[position.symbol] = fresh_name(_unlisted(position), session)


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
    found = {day.isoformat(): is_open for day, is_open in event.open_days}
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
    if state.facilities.has_open_days and state.run.open_days_asked_on != today:
        state.run.open_days_asked_on = today
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


def _unlisted(position: KrxPosition) -> Listing:
    """Stands in for a line of the files: a share that trades."""
    return Listing(
        symbol=position.symbol,
        name=position.name,
        segment=position.segment,
        kind=SecurityKind.COMMON,
        base_price=position.avg_cost,
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
