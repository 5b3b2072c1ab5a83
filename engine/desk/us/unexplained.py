"""Shares that came or went in the balance before any execution record told why.

An execution explains only what a balance of its own day or a later one showed. What is not
explained is kept as long as the broker's list reaches back to its day.
"""

from __future__ import annotations

from datetime import date

from engine.desk.us.book import Unattributed
from engine.desk.us.state import State
from engine.model.ids import Symbol


def today_of(state: State, symbol: Symbol, day: date) -> Unattributed:
    """The record of the day, to add to."""
    records = state.book.unattributed.setdefault(symbol, [])
    for record in records:
        if record.day == day:
            return record
    records.append(Unattributed(day))
    return records[-1]


def explain_bought(state: State, symbol: Symbol, qty: int, day: date) -> int:
    """How many of ``qty`` shares bought on ``day`` the balance showed already; settles them."""
    known = 0
    for record in _since(state, symbol, day):
        part = min(record.bought, qty - known)
        record.bought -= part
        known += part
    return known


def explain_sold(state: State, symbol: Symbol, qty: int, day: date) -> tuple[int, int]:
    """As ``explain_bought`` for sales; also how many of them were taken from unarmed shares."""
    known = unarmed = 0
    for record in _since(state, symbol, day):
        part = min(record.sold, qty - known)
        from_unarmed = min(record.sold_unarmed, part)
        record.sold -= part
        record.sold_unarmed -= from_unarmed
        known += part
        unarmed += from_unarmed
    return known, unarmed


def forget_before(state: State, first: date) -> None:
    """Drop what no list reaches back to any more."""
    kept = {
        symbol: [record for record in records if record.day >= first]
        for symbol, records in state.book.unattributed.items()
    }
    state.book.unattributed = {symbol: records for symbol, records in kept.items() if records}


def _since(state: State, symbol: Symbol, day: date) -> list[Unattributed]:
    return [record for record in state.book.unattributed.get(symbol, []) if record.day >= day]
