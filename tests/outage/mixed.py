"""Thirty alerts of mixed kinds, each with a mark of its own by which it is found in the chat."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.flow.alerts import DIGEST, NORMAL, URGENT, alert_of
from engine.model import day_facts, state_facts
from engine.model.facts import Fact
from engine.model.ids import DeskName, DeskState, Symbol
from engine.model.state_facts import Trouble
from engine.ports.chat_store import Alert
from engine.ports.journal import NumberedFact
from tests.bot.samples import all_facts, filled, order, question

COUNT = 30
AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
_SAMPLES = all_facts()
_TROUBLES = tuple(Trouble)


def mark(seq: int) -> str:
    """Text that only alert ``seq`` shows."""
    return f"9,{seq:03d}회" if seq % 6 == 0 else f"Q{seq:02d}Z"


def _changed(sample: str, **fields: object) -> Fact:
    fact: Any = _SAMPLES[sample]
    changed: Fact = replace(fact, **fields)
    return changed


def _of_order(sample: str) -> Callable[[int], Fact]:
    def make(seq: int) -> Fact:
        return _changed(sample, order=replace(order(), symbol=Symbol(mark(seq))))

    return make


def _of_symbol(sample: str) -> Callable[[int], Fact]:
    def make(seq: int) -> Fact:
        return _changed(sample, symbol=Symbol(mark(seq)))

    return make


def _filled(seq: int) -> Fact:
    return replace(filled(), order=replace(order(), symbol=Symbol(mark(seq))))


def _question(seq: int) -> Fact:
    return replace(question(), symbol=Symbol(mark(seq)))


def _summary(seq: int) -> Fact:
    sample = _SAMPLES["day_summary"]
    assert isinstance(sample, day_facts.DaySummary)
    return replace(sample, used_calls=9000 + seq)


def _trouble(seq: int) -> Fact:
    return state_facts.TroubleBegan(_TROUBLES[seq % len(_TROUBLES)], mark(seq))


def _state(seq: int) -> Fact:
    running, exits_only = DeskState.RUNNING, DeskState.EXITS_ONLY
    return state_facts.StateChanged(exits_only, running, exits_only, mark(seq))


# Every sixth is a digest; the others mix what is urgent with what is not.
_MAKERS: tuple[Callable[[int], Fact], ...] = (
    _of_order("order_ended"),
    _filled,
    _of_symbol("buy_seen"),
    _of_order("order_rejected"),
    _of_symbol("quote_stale"),
    _of_symbol("sold_elsewhere"),
    _question,
    _trouble,
    _of_order("order_accepted"),
    _of_symbol("holding_adopted"),
    _state,
    _of_symbol("mismatch"),
)


def numbered(seq: int) -> NumberedFact:
    """The fact of alert ``seq``, 1 to COUNT."""
    fact = _summary(seq) if seq % 6 == 0 else _MAKERS[(seq - seq // 6) % len(_MAKERS)](seq)
    return NumberedFact(seq, AT + timedelta(seconds=seq), DeskName.US, fact)


def alert(seq: int) -> Alert:
    """How it is told."""
    found = alert_of(numbered(seq).fact)
    assert found is not None
    return found


def due_order() -> list[int]:
    """The order in which they must come when all of them wait."""
    return sorted(range(1, COUNT + 1), key=lambda seq: (alert(seq).priority, seq))


def priorities() -> set[int]:
    """All three are among them, or the order proves little."""
    return {alert(seq).priority for seq in range(1, COUNT + 1)} & {URGENT, NORMAL, DIGEST}
