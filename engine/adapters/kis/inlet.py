"""Data frames of one socket session to feed events: keys, decryption, filters, doubts."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from engine.adapters.kis.crypt import NoticeKey, decrypt
from engine.adapters.kis.fields import TRADES_TR
from engine.adapters.kis.frames import (
    KNOWN_WIDTH,
    DataFrame,
    parse_notice,
    parse_trade,
    split_records,
)
from engine.adapters.kis.registrations import Registrations
from engine.errors import PayloadError
from engine.model.events import NoticeSeen, TickSeen
from engine.ports.feed import FeedEvent

_log = logging.getLogger(__name__)

_KEPT_FRAMES = 8


class Inlet:
    """``deliver`` gets what can be trusted, ``doubt`` the reason why something could not be."""

    def __init__(
        self,
        account: str,
        notices_tr: str,
        registrations: Registrations,
        deliver: Callable[[FeedEvent], None],
        doubt: Callable[[str], None],
    ) -> None:
        self._account = account
        self._notices_tr = notices_tr
        self._registrations = registrations
        self._deliver = deliver
        self._doubt = doubt
        self._key: NoticeKey | None = None
        self._kept: list[DataFrame] = []
        self._warned: set[str] = set()

    @property
    def has_key(self) -> bool:
        """Whether notices can be read."""
        return self._key is not None

    def take_key(self, key: NoticeKey, now: datetime) -> None:
        """The pair of the notices' acknowledgement; what came before it is read now."""
        self._key = key
        kept, self._kept = self._kept, []
        for frame in kept:
            self.take(frame, now)

    def take(self, frame: DataFrame, now: datetime) -> None:
        """One data frame; nothing in it can raise."""
        if frame.tr_id == TRADES_TR and not frame.is_sealed:
            self._take_trades(frame)
        elif frame.tr_id == self._notices_tr:
            self._take_notices(frame, now)
        else:
            self._warn(frame.tr_id, "frames nobody asked for")

    def _take_trades(self, frame: DataFrame) -> None:
        try:
            records = self._split(frame, frame.payload)
        except PayloadError as error:
            self._warn(frame.tr_id, str(error))
            return
        for record in records:
            wanted = self._registrations.find(record)
            if wanted is None or wanted.symbol is None:
                continue  # the last ones of a released registration
            try:
                tick = parse_trade(record, wanted.tr_key, wanted.symbol)
            except PayloadError as error:
                self._warn(frame.tr_id, str(error))
                continue
            self._deliver(TickSeen(tick))

    def _take_notices(self, frame: DataFrame, now: datetime) -> None:
        if not frame.is_sealed:
            # The socket is not encrypted: anybody on the path could have written this.
            self._doubt("plain notice refused")
            return
        if self._key is None:
            self._kept = [*self._kept, frame][-_KEPT_FRAMES:]
            return
        try:
            records = self._split(frame, decrypt(frame.payload, self._key))
        except PayloadError as error:
            self._warn(frame.tr_id, str(error))
            self._doubt("unreadable notice")
            return
        for record in records:
            self._take_notice(record, now)

    def _take_notice(self, record: list[str], now: datetime) -> None:
        try:
            notice = parse_notice(record, self._account, now)
        except PayloadError as error:
            self._warn(self._notices_tr, str(error))
            self._doubt("unreadable notice")
            return
        if notice is not None:
            self._deliver(NoticeSeen(notice))

    def _split(self, frame: DataFrame, payload: str) -> list[list[str]]:
        records = split_records(frame.tr_id, frame.count, payload)
        if len(records[0]) != KNOWN_WIDTH[frame.tr_id]:
            self._warn(frame.tr_id, f"records are {len(records[0])} wide")
        return records

    def _warn(self, tr_id: str, what: str) -> None:
        """Once per session and cause: a changed layout would fill the log."""
        cause = f"{tr_id}: {what}"
        if cause not in self._warned:
            self._warned.add(cause)
            _log.warning("%s", cause)
