"""The way into another mode; into LIVE by what is measured at the confirmation itself."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine.errors import ConfigError, JournalFailed
from engine.flow.door import Door
from engine.flow.settings import EffectiveSettings
from engine.model.ids import DeskName, Mode
from engine.model.live import LiveCheck
from engine.model.money import Krw
from engine.ports.clock import Clock
from engine.ports.control import ModeOffer
from engine.ports.settings import SettingsStore
from engine.rules import live

log = logging.getLogger(__name__)


class _CalledOff(Exception):
    """A lower mode was wished for while LIVE was measured."""


class ModeSwitch:
    """Judges and switches one desk at a time. A wish for a lower mode calls off the way to LIVE."""

    def __init__(self, settings: EffectiveSettings, store: SettingsStore, clock: Clock) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._lower = dict.fromkeys(DeskName, 0)  # wishes for a lower mode so far

    async def check(self, door: Door[Any, Any]) -> LiveCheck:
        """The evidence as it is now, judged. Only a desk that buys has orders to keep small."""
        findings = live.checklist(await door.measure(), self._settings.practice())
        small = self._settings.small_orders()
        buys = door.name is DeskName.KRX
        return LiveCheck(
            findings,
            is_blocked=live.is_blocked(findings),
            is_small=live.begins_small(findings),
            small_order=Krw(Decimal(small.order_krw)) if buys else None,
            small_round_trips=small.round_trips,
        )

    async def go(
        self, door: Door[Any, Any], offer: ModeOffer, user_id: int, *, accepts_small: bool
    ) -> ModeOffer:
        """Do what was offered; the offer with a refusal where it is not done.

        A lower mode that is in force already is written down all the same.
        """
        mode = offer.mode
        if mode is not Mode.LIVE:
            self._lower[door.name] += 1
        lower = self._lower[door.name]
        if offer.refusal and (mode is Mode.LIVE or offer.refusal != "already"):
            return offer
        offer = replace(offer, refusal="")
        if mode is Mode.LIVE:
            check = await self.check(door)
            offer = replace(offer, check=check)
            if check.is_blocked:
                return replace(offer, refusal="checklist")
            if check.is_small and not accepts_small:
                return replace(offer, refusal="small")
            # While it was measured, the desk went on.
            if reason := door.why_not(mode):
                return replace(offer, refusal=reason)
        try:
            is_done = await self._switch(door, offer, user_id, lower)
        except _CalledOff:
            return replace(offer, refusal="called_off")
        except (ConfigError, JournalFailed):
            log.exception("the book of %s cannot be opened; the mode stays", mode)
            return replace(offer, refusal="book_unreadable")
        if is_done:
            return offer
        return replace(offer, refusal=door.why_not(mode) or "order_in_flight")

    async def _switch(
        self, door: Door[Any, Any], offer: ModeOffer, user_id: int, lower: int
    ) -> bool:
        mode, check = offer.mode, offer.check
        if check is not None:
            # Before the desk is made; as long as its mode is another, it means nothing.
            now = self._clock.now()
            await self._settings.set_small(door.name, user_id, now, is_small=check.is_small)

        async def persist() -> None:
            if mode is Mode.LIVE:
                if self._lower[door.name] != lower:
                    raise _CalledOff
                await door.confirm_live()
            await self._store.set_mode(door.name, mode, user_id, self._clock.now())

        return await door.engine.switch(mode, persist)
