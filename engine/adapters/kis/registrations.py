"""What a socket session should carry and does carry: the next step, from server answers. Pure.

Source: kis-websocket notes sections 2, 3, 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from engine.adapters.kis.frames import Answer
from engine.adapters.kis.wishes import MAX_REGISTRATIONS, Allotment, Registration
from engine.model.ids import DeskName

RETRY_AFTER = timedelta(seconds=30)
_NO_ROOM = "OPSP0008"
_ALREADY = "OPSP0002"


class Step(StrEnum):
    """``tr_type`` of a request."""

    REGISTER = "1"
    RELEASE = "2"


class Verdict(StrEnum):
    """What an answer means."""

    DONE = "done"
    LATER = "later"  # the server's trouble: try again after a while
    REFUSED = "refused"  # asking again on this connection will not help
    IN_USE = "in_use"  # another session holds the app key
    BAD_APPROVAL = "bad_approval"


_VERDICTS: Mapping[str, Verdict] = {
    "OPSP0000": Verdict.DONE,
    "OPSP0001": Verdict.DONE,
    "OPSP0002": Verdict.DONE,  # already registered
    "OPSP0003": Verdict.DONE,  # nothing to release
    "OPSP0007": Verdict.LATER,
    "OPSP0009": Verdict.LATER,
    "OPSP8999": Verdict.LATER,
    "OPSP9995": Verdict.LATER,
    "OPSP0011": Verdict.BAD_APPROVAL,
    "OPSP8996": Verdict.IN_USE,
}


def judge(answer: Answer) -> Verdict:
    """``rt_cd`` first; of the rest only the known codes are worth another try."""
    if answer.rt_cd == "0":
        return Verdict.DONE
    return _VERDICTS.get(answer.code, Verdict.REFUSED)


class Registrations:
    """The state of one connection.

    What was asked without a clear answer may hold one of the server's places: it counts as taken
    until an answer says otherwise.
    """

    def __init__(self, allotment: Allotment) -> None:
        self._allotment = allotment
        self._by_key = _keyed(allotment)
        self._active: set[Registration] = set()
        self._unclear: set[Registration] = set()
        self._most_held = 0
        self._refused: dict[Registration, str] = {}
        self._retry_at: dict[tuple[Step, Registration], datetime] = {}

    @property
    def wanted(self) -> tuple[Registration, ...]:
        """The wish, most important first."""
        return self._allotment.registrations

    @property
    def active(self) -> frozenset[Registration]:
        """Acknowledged ones."""
        return frozenset(self._active)

    @property
    def refused(self) -> Mapping[Registration, str]:
        """Refused ones with the server's code."""
        return self._refused

    @property
    def held(self) -> frozenset[Registration]:
        """Everything that holds a place at the server, or may hold one."""
        return frozenset(self._active | self._unclear)

    def want(self, allotment: Allotment) -> None:
        """Change the wish. What was refused for lack of room may be tried again."""
        if allotment.registrations != self.wanted:
            self._refused = {
                refused: code
                for refused, code in self._refused.items()
                if code != _NO_ROOM and refused in allotment.registrations
            }
        self._allotment = allotment
        self._by_key = _keyed(allotment)

    def put_nothing_off(self) -> None:
        """What was to be tried later may be tried now."""
        self._retry_at.clear()

    def next_step(self, now: datetime) -> tuple[Step, Registration] | None:
        """Releases first, they make room; then registrations in the order of the wish."""
        for held in sorted(self.held.difference(self.wanted), key=repr):
            if self._is_due(Step.RELEASE, held, now):
                return Step.RELEASE, held
        for wanted in self.wanted:
            if self._may_register(wanted, now):
                return Step.REGISTER, wanted
        return None

    def is_settled(self, desk: DeskName, now: datetime) -> bool:
        """Whether nothing of that desk can be asked for at the moment."""
        return not any(
            wanted.desk is desk and self._may_register(wanted, now) for wanted in self.wanted
        )

    def settle(
        self, step: Step, registration: Registration, verdict: Verdict, code: str, now: datetime
    ) -> None:
        """Take in what became of a step. A release that is refused has released."""
        for asked in Step:
            self._retry_at.pop((asked, registration), None)
        self._active.discard(registration)
        self._unclear.discard(registration)
        if verdict is Verdict.LATER:
            self._unclear.add(registration)
            self._retry_at[step, registration] = now + RETRY_AFTER
        elif step is Step.REGISTER and verdict is Verdict.DONE:
            self._active.add(registration)
            self._most_held = max(self._most_held, len(self._active))
        elif step is Step.REGISTER:
            self._refused[registration] = code
            if code == _ALREADY:
                self._unclear.add(registration)  # of no use to us, and a place all the same

    def has_leak(self, code: str) -> bool:
        """Whether a refusal for lack of room, just settled, comes at fewer than were held before.

        Then the server holds some that were let go. A limit below ours is no leak: it was never
        passed, and a new connection would not help.
        """
        return code == _NO_ROOM and len(self.held) < self._most_held

    def find(self, tr_id: str, key: str) -> Registration | None:
        """The wanted one that a record belongs to, by its key or its symbol."""
        return self._by_key.get((tr_id, key))

    def wants(self, desk: DeskName) -> bool:
        """Whether the session carries, or is to carry, anything for that desk."""
        return any(wanted.desk is desk for wanted in self.wanted)

    def has_notices(self, desk: DeskName) -> bool:
        """Whether the desk's notices come."""
        return any(held.symbol is None and held.desk is desk for held in self._active)

    def has_quotes(self, desk: DeskName) -> bool:
        """Whether prices come, and those of all that the desk holds."""
        quotes = [one for one in self.wanted if one.is_quote and one.desk is desk]
        return (
            desk not in self._allotment.short
            and any(quote in self._active for quote in quotes)
            and all(quote.may_lack or quote in self._active for quote in quotes)
        )

    def _may_register(self, wanted: Registration, now: datetime) -> bool:
        if wanted in self._active or wanted in self._refused:
            return False
        has_room = wanted in self._unclear or len(self.held) < MAX_REGISTRATIONS
        return has_room and self._is_due(Step.REGISTER, wanted, now)

    def _is_due(self, step: Step, registration: Registration, now: datetime) -> bool:
        retry_at = self._retry_at.get((step, registration))
        return retry_at is None or retry_at <= now


def _keyed(allotment: Allotment) -> Mapping[tuple[str, str], Registration]:
    """Old layouts lack the key in front of a record: the symbol finds it as well."""
    return {
        (wanted.tr_id, key): wanted
        for wanted in allotment.registrations
        for key in (wanted.symbol, wanted.tr_key)
        if key is not None
    }
