"""Buttons that were shown: what each does, in which mode and since when.

The store remembers them over a restart. Those of a stop menu are kept here instead: a store that
fails, hangs or never learnt the message must not refuse or delay a stop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bot.chat import Action, HumanTime, Verb
from engine.model.ids import DeskName, Mode
from engine.ports.chat_store import NonceStore

_LOG = logging.getLogger(__name__)
_STOPS = frozenset({Verb.STOP, Verb.STOP_PROGRAM_ASK, Verb.STOP_MENU})
SAFE_VERBS = _STOPS | {Verb.DISMISS, Verb.ACK}
_STOP_MARK = "s."  # no nonce of the store has a dot
_NONCE_BYTES = 9


@dataclass(frozen=True, slots=True)
class Offer:
    """One button as it was shown. ``modes``: whose money it spoke of, by desk.

    ``as_of``: human time of the figures it was shown with.
    """

    action: Action
    modes: Mapping[DeskName, Mode]
    as_of: datetime

    def encode(self) -> str:
        """One line of JSON for the nonce store."""
        stamp = self.as_of.isoformat()
        return json.dumps([dict(self.modes), stamp, self.action.encode()], ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Self:
        """Back from the nonce store. Raises ValueError for what we never wrote."""
        modes, stamp, action = json.loads(text)
        shown = {DeskName(desk): Mode(mode) for desk, mode in dict(modes).items()}
        return cls(Action.decode(action), shown, datetime.fromisoformat(stamp))

    def changed(self, now: Mapping[DeskName, Mode]) -> tuple[Mode, Mode] | None:
        """Shown and present mode of a desk whose mode is another one by now."""
        for desk, mode in self.modes.items():
            current = now.get(desk, mode)
            if current is not mode:
                return mode, current
        return None


@dataclass(slots=True)
class _Kept:
    """A button of a stop menu; ``group`` are all buttons of its message."""

    user_id: int
    offer: Offer
    expires_at: datetime
    group: tuple[str, ...]
    message_id: int | None = None
    is_spent: bool = False


class Offers:
    """Keeps what was offered until it is taken, once."""

    def __init__(self, nonces: NonceStore, time: HumanTime) -> None:
        self._nonces = nonces
        self._time = time
        self._unbound: dict[str, asyncio.Event] = {}
        self._kept: dict[str, _Kept] = {}

    async def keep(
        self,
        user_id: int,
        actions: Sequence[Action],
        modes: Mapping[DeskName, Mode],
        valid_s: int,
        age: timedelta = timedelta(0),
    ) -> tuple[str, ...]:
        """Nonces in the order of the actions. Raises TradingError, but not for a stop menu."""
        now = self._time.now()
        expires_at = now + timedelta(seconds=valid_s)
        offers = [Offer(action, modes, now - age) for action in actions]
        if _is_stop_menu(actions):
            return self._keep_here(user_id, offers, expires_at)
        nonces = tuple(
            [await self._nonces.create(user_id, offer.encode(), expires_at) for offer in offers]
        )
        for nonce in nonces:
            self._unbound[nonce] = asyncio.Event()
        return nonces

    async def bind(self, nonces: tuple[str, ...], message_id: int) -> None:
        """Tie the buttons to the message that shows them. Raises TradingError, not for stops."""
        kept = [self._kept[nonce] for nonce in nonces if nonce in self._kept]
        for one in kept:
            one.message_id = message_id
        if not kept:
            await self._nonces.bind(nonces, message_id)

    def release(self, nonces: tuple[str, ...]) -> None:
        """Sending has ended, well or not: nobody needs to wait for the binding any more."""
        for nonce in nonces:
            unbound = self._unbound.pop(nonce, None)
            if unbound is not None:
                unbound.set()

    def take_stop(self, nonce: str, user_id: int, message_id: int) -> Offer | None:
        """A button of a stop menu, at once and without the store.

        Unbound (the answer of sending is late or was lost) it works under the first message its
        owner presses it. One from before a restart, or too old, brings the menu again.
        """
        if not nonce.startswith(_STOP_MARK):
            return None
        kept = self._kept.get(nonce)
        now = self._time.now()
        if kept is None or (kept.expires_at <= now and not kept.is_spent):
            return Offer(Action(Verb.STOP_MENU), {}, now)
        if kept.is_spent or kept.user_id != user_id or kept.message_id not in {None, message_id}:
            return None
        for other in kept.group:
            self._kept[other].is_spent = True
        return kept.offer

    async def take(self, nonce: str, user_id: int, message_id: int) -> Offer | None:
        """Any other button, once. Raises TradingError when the store fails."""
        unbound = self._unbound.get(nonce)
        if unbound is not None:
            # Pressed before the sending call came back: the binding is on its way.
            await unbound.wait()
        text = await self._nonces.take(nonce, user_id, message_id, self._time.now())
        if text is None:
            return None
        try:
            return Offer.decode(text)
        except (ValueError, TypeError):
            _LOG.warning("a button of another version was pressed")
            return None

    def age(self, offer: Offer) -> timedelta:
        """How old the figures are by now."""
        return self._time.now() - offer.as_of

    def _keep_here(
        self, user_id: int, offers: Sequence[Offer], expires_at: datetime
    ) -> tuple[str, ...]:
        now = self._time.now()
        self._kept = {nonce: one for nonce, one in self._kept.items() if one.expires_at > now}
        nonces = tuple(_STOP_MARK + secrets.token_urlsafe(_NONCE_BYTES) for _ in offers)
        for nonce, offer in zip(nonces, offers, strict=True):
            self._kept[nonce] = _Kept(user_id, offer, expires_at, nonces)
        return nonces


def _is_stop_menu(actions: Sequence[Action]) -> bool:
    verbs = {action.verb for action in actions}
    return verbs <= SAFE_VERBS and bool(verbs & _STOPS)
