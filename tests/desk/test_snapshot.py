"""Records are made plain again whenever anything of them changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from engine.desk.snapshot import converter
from engine.desk.us.book import Asked, Position, Standing, UsBook
from engine.desk.us.restore import from_snapshot, to_snapshot
from engine.model.ids import Symbol
from engine.model.instrument import Exchange
from engine.model.orders import OrderState
from engine.model.position_facts import QuestionKind
from tests.desk.test_blotter import NOW, order
from tests.desk.world import usd

MU = Symbol("MU")
OTHER: dict[str, Any] = {
    "symbol": Symbol("AMD"),
    "exchange": Exchange.NYSE,
    "name": "another",
    "avg_cost": usd("1.5"),
    "standing": Standing.HELD,
    "target_pct": Decimal("4.5"),
    "is_confirmed": False,
    "approved_pct": Decimal(2),
    "asked": Asked(next(iter(QuestionKind)), Decimal(1), date(2026, 3, 10)),
    "paused_on": date(2026, 3, 10),
    "broken_on": date(2026, 3, 10),
    "refusals_told": ["a reason"],
}


def position() -> Position:
    cost, pct = usd("100"), Decimal("3.0")
    return Position(MU, None, "Micron", 5, cost, Standing.ARMED, 5, pct, True, NOW)


@pytest.mark.parametrize("name", [each.name for each in fields(Position)])
def test_a_snapshot_has_every_change_of_a_position(name: str) -> None:
    book = UsBook(positions={MU: position()})
    to_snapshot(book)
    old = getattr(book.positions[MU], name)
    new = OTHER.get(name, 7 if isinstance(old, int) else NOW.replace(hour=11))
    setattr(book.positions[MU], name, new)
    assert from_snapshot(to_snapshot(book)).positions[MU] == book.positions[MU]
    assert getattr(book.positions[MU], name) != old


def test_a_snapshot_has_what_was_added_to_a_list_of_a_record() -> None:
    book = UsBook(positions={MU: position()}, orders={order().intent.client_order_id: order()})
    to_snapshot(book)
    (mine,) = book.orders.values()
    mine.notice_keys.append("a key")
    mine.state = OrderState.ACCEPTED
    book.positions[MU].refusals_told.append("a reason")
    again = from_snapshot(to_snapshot(book))
    assert again.positions == book.positions
    assert again.orders == book.orders


def test_what_did_not_change_is_the_same_object() -> None:
    book = UsBook(positions={MU: position()})
    first, second = to_snapshot(book)["book"], to_snapshot(book)["book"]
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert first is not second
    assert first["positions"][MU] is second["positions"][MU]


@dataclass
class _Inner:
    number: int = 1


@dataclass
class _Holding:
    inner: _Inner


@dataclass
class _Counting:
    numbers: dict[str, int]


@dataclass
class _Nesting:
    rows: list[list[int]]


@dataclass
class _Perhaps:
    rows: list[int] | None


@pytest.mark.parametrize("kind", [_Holding, _Counting, _Nesting, _Perhaps])
def test_a_record_that_may_change_within_a_field_is_refused(kind: type) -> None:
    with pytest.raises(TypeError, match="may change unseen"):
        converter(kind)
