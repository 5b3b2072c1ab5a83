"""What one connection has registered, and who holds the app key's only session."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sandbox import ws_answers as answers
from sandbox.frames import CipherPair
from sandbox.ws_answers import Answer

_NEVER = datetime.min.replace(tzinfo=UTC)


class Registrations:
    """TR and key to cipher pair; at most ``most`` over all TRs."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: dict[tuple[str, str], CipherPair] = {}

    def trs(self) -> tuple[str, ...]:
        """The TRs with at least one key, in the order of their first one."""
        return tuple(dict.fromkeys(tr_id for tr_id, _ in self._pairs))

    def keys(self, tr_id: str) -> tuple[str, ...]:
        """The keys of a TR, in the order of registration."""
        return tuple(tr_key for registered, tr_key in self._pairs if registered == tr_id)

    def pair(self, tr_id: str, tr_key: str) -> CipherPair | None:
        """The pair of an active registration."""
        return self._pairs.get((tr_id, tr_key))

    def register(self, tr_id: str, tr_key: str) -> tuple[Answer, CipherPair | None]:
        """Add one with a fresh pair; a repetition gets no pair."""
        if (tr_id, tr_key) in self._pairs:
            return answers.ALREADY_SUBSCRIBED, None
        if len(self._pairs) >= self._most:
            return answers.TOO_MANY, None
        pair = self._pairs[tr_id, tr_key] = CipherPair.fresh()
        return answers.SUBSCRIBED, pair

    def release(self, tr_id: str, tr_key: str) -> tuple[Answer, CipherPair | None]:
        """Remove one and free its place."""
        pair = self._pairs.pop((tr_id, tr_key), None)
        return (answers.NOT_SUBSCRIBED, None) if pair is None else (answers.RELEASED, pair)


class AppKeySlot:
    """The one session an app key may have; stays taken for a while after a hard drop."""

    def __init__(self, hold: timedelta) -> None:
        self._hold = hold
        self._holder: object | None = None
        self._held_until = _NEVER

    def claim(self, session: object, now: datetime) -> bool:
        """Take the slot, or keep it; False while another session has it or had it just now."""
        if self._holder is session:
            return True
        if self._holder is not None or now < self._held_until:
            return False
        self._holder = session
        return True

    def is_held_by(self, session: object) -> bool:
        """Whether this session has the slot."""
        return self._holder is session

    def leave(self, session: object, now: datetime, *, is_clean: bool) -> None:
        """The session ended: at once free after a Close, held on after anything else."""
        if self._holder is not session:
            return
        self._holder = None
        self._held_until = _NEVER if is_clean else now + self._hold
