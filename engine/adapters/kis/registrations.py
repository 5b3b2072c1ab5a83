"""What a socket session should carry and does carry: the next step, from server answers. Pure.

Source: kis-websocket notes sections 2, 3, 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from engine.adapters.kis.endpoint import KisEndpoint, Server
from engine.adapters.kis.fields import NOTICES_TR, QUOTE_CODES, TRADES_TR
from engine.adapters.kis.frames import Answer
from engine.model.ids import Symbol
from engine.model.instrument import Instrument

# KIS allows 41 over everything; official code and libraries stay one below.
MAX_REGISTRATIONS = 40
RETRY_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Registration:
    """One subscription. ``symbol`` None: the order notices. Its text hides the HTS ID."""

    tr_id: str
    tr_key: str
    symbol: Symbol | None

    def __repr__(self) -> str:
        return f"{self.tr_id}/{self.symbol or '***'}"


def registrations_for(
    instruments: tuple[Instrument, ...], endpoint: KisEndpoint, *, notices: bool
) -> tuple[Registration, ...]:
    """Notices first, then quotes by importance, as many as fit.

    Paper has no US quotes; without an HTS ID there are no notices.
    """
    wanted: dict[Registration, None] = {}
    if notices and endpoint.keys.hts_id:
        tr_id = NOTICES_TR[endpoint.server]
        wanted[Registration(tr_id, endpoint.keys.hts_id, None)] = None
    if endpoint.server is Server.REAL:
        for instrument in instruments:
            key = f"D{QUOTE_CODES[instrument.exchange]}{instrument.symbol}"
            wanted[Registration(TRADES_TR, key, instrument.symbol)] = None
    return tuple(wanted)[:MAX_REGISTRATIONS]


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
    """The state of one connection."""

    def __init__(self, wanted: tuple[Registration, ...]) -> None:
        self._wanted = wanted
        self._active: set[Registration] = set()
        self._refused: dict[Registration, str] = {}
        self._retry_at: dict[Registration, datetime] = {}

    @property
    def wanted(self) -> tuple[Registration, ...]:
        """The wish, best first."""
        return self._wanted

    @property
    def active(self) -> frozenset[Registration]:
        """Acknowledged ones."""
        return frozenset(self._active)

    @property
    def refused(self) -> Mapping[Registration, str]:
        """Refused ones with the server's code."""
        return self._refused

    def want(self, wanted: tuple[Registration, ...]) -> None:
        """Change the wish. What was refused for lack of room may be tried again."""
        if wanted != self._wanted:
            self._refused.clear()
        self._wanted = wanted

    def put_nothing_off(self) -> None:
        """What was to be tried later may be tried now."""
        self._retry_at.clear()

    def next_step(self, now: datetime) -> tuple[Step, Registration] | None:
        """Releases first, they make room; then registrations in the order of the wish."""
        for held in sorted(self._active - set(self._wanted), key=repr):
            return Step.RELEASE, held
        for wanted in self._wanted:
            if wanted in self._active or wanted in self._refused:
                continue
            retry_at = self._retry_at.get(wanted)
            if retry_at is None or retry_at <= now:
                return Step.REGISTER, wanted
        return None

    def settle(
        self, step: Step, registration: Registration, verdict: Verdict, code: str, now: datetime
    ) -> None:
        """Take in what became of a step. A release that failed counts as released."""
        self._retry_at.pop(registration, None)
        if step is Step.RELEASE:
            self._active.discard(registration)
        elif verdict is Verdict.DONE:
            self._active.add(registration)
        elif verdict is Verdict.LATER:
            self._retry_at[registration] = now + RETRY_AFTER
        else:
            self._refused[registration] = code

    def find(self, record: list[str]) -> Registration | None:
        """The wanted quote that a trade record belongs to; old layouts lack the key in front."""
        for registration in self._wanted:
            if registration.symbol is None:
                continue
            if record[0] in {registration.tr_key, registration.symbol}:
                return registration
        return None

    @property
    def has_notices(self) -> bool:
        """Whether notices come."""
        return any(held.symbol is None for held in self._active)

    @property
    def has_quotes(self) -> bool:
        """Whether every wanted quote comes, and there is one."""
        quotes = [wanted for wanted in self._wanted if wanted.symbol is not None]
        return bool(quotes) and all(quote in self._active for quote in quotes)
