"""Scores a name from what the desk knows of it; levels are kept so that most ticks need none."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.desk.krx import profiles
from engine.desk.krx.names import Name
from engine.desk.krx.state import State
from engine.model.money import Krw
from engine.model.score import ScoreCard
from engine.rules.krx.breakout import BreakoutView, score, zone_levels
from engine.rules.krx.indicators import won
from engine.rules.krx.price_steps import ticks_between
from engine.rules.krx.sessions import KrxSession

RESCORE_AFTER = timedelta(seconds=5)
CALM_RESCORE_AFTER = timedelta(seconds=20)
_MINUTE_S = 60


def levels_of(state: State, name: Name, now: datetime) -> tuple[int, ...]:
    """Prices above which a zone is broken, lowest first; counted again when an input came."""
    if name.levels_until is None or now >= name.levels_until:
        price = name.running.price or 0
        found = zone_levels(_view(state, name, now, price), state.settings.stages)
        name.levels = tuple(sorted(found.values()))
        ends_at = name.range.ends_at
        name.levels_until = ends_at if now < ends_at else datetime.max.replace(tzinfo=now.tzinfo)
    return name.levels


def broken_count(state: State, name: Name, price: int, now: datetime) -> int:
    """How many zones the price is above."""
    return sum(price > level for level in levels_of(state, name, now))


def card_of(state: State, name: Name, now: datetime) -> ScoreCard | None:
    """The score at this moment, for those who only look; None before any price of the day."""
    price = name.running.price
    return None if price is None else score(_view(state, name, now, price), state.settings.stages)


def fresh_card(state: State, name: Name, now: datetime, price: int) -> ScoreCard:
    """The score at a price, kept for what is decided next."""
    name.card = card = score(_view(state, name, now, price), state.settings.stages)
    name.scored_at = now
    return card


def recent_card(state: State, name: Name, now: datetime, price: int) -> ScoreCard:
    """The last score where it is good enough: names are ranked every few seconds.

    At an unchanged price, or while nothing may be entered, an older one will do.
    """
    card, at = name.card, name.scored_at
    if card is not None and at is not None:
        is_calm = card.price.amount == price or not state.is_running
        good_for = CALM_RESCORE_AFTER if is_calm else RESCORE_AFTER
        if now - at < good_for:
            return card
    return fresh_card(state, name, now, price)


def spread_of(state: State, name: Name, now: datetime) -> int | None:
    """Price steps between bid and ask; None where no book was shown."""
    tick = name.tick
    if tick is None or tick.bid is None or tick.ask is None:
        return None
    return ticks_between(tick.bid, tick.ask, state.today(now), name.listing.kind)


def _view(state: State, name: Name, now: datetime, price: int) -> BreakoutView:
    running = name.running
    session = state.session(now)
    return BreakoutView(
        symbol=name.symbol,
        at=now,
        price=price,
        usual_share=_usual_share(state, name, session, now),
        spread=spread_of(state, name, now),
        stats=name.stats,
        open=running.open,
        range_high=name.range.high_at(now),
        cum_volume=running.cum_volume,
        cum_value=running.cum_value,
        strength=running.strength,
        index_pct=_index_pct(state, name),
    )


def _index_pct(state: State, name: Name) -> float | None:
    pct = state.book.index_pct.get(name.listing.segment)
    return float(pct) if pct is not None else None


def _usual_share(
    state: State, name: Name, session: KrxSession | None, now: datetime
) -> float | None:
    """Of a day's volume by now, as this stock, or its board, usually has it."""
    if session is None or now < session.open:
        return None
    minutes = (now - session.open).total_seconds() / _MINUTE_S
    return profiles.curve_of(state, name).share_at(minutes, profiles.minutes_of(session))


def won_of(price: Krw | None) -> int | None:
    """A price as a whole number, None for none."""
    return None if price is None else won(price)
