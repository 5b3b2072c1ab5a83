"""Data frames of one socket session to feed events: keys, decryption, filters, doubts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from engine.adapters.kis.crypt import NoticeKey, decrypt
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.fields import (
    KRX_NOTICES_TR,
    KRX_OPERATIONS_TR,
    KRX_TRADES_TR,
    NOTICES_TR,
    TRADES_TR,
)
from engine.adapters.kis.frames import KNOWN_WIDTH, DataFrame, split_records
from engine.adapters.kis.frames_us import parse_notice, parse_trade
from engine.adapters.kis.krx.frames import parse_krx_notice, parse_krx_trade, parse_operation
from engine.adapters.kis.registrations import Registrations
from engine.adapters.kis.wishes import Registration
from engine.errors import PayloadError
from engine.model.events import NoticeSeen, TickSeen
from engine.model.ids import DeskName, Symbol
from engine.model.money import Krw, Usd
from engine.ports.feed import FeedListener

_log = logging.getLogger(__name__)

_KEPT_FRAMES = 8


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where the events of each desk go."""

    us: FeedListener[Usd]
    krx: FeedListener[Krw]


class Inlet:
    """Delivers what can be trusted; ``doubt`` gets the reason why something could not be."""

    def __init__(
        self,
        endpoint: KisEndpoint,
        registrations: Registrations,
        outlets: Outlets,
        doubt: Callable[[DeskName, str], None],
    ) -> None:
        self._account = endpoint.keys.account
        self._registrations = registrations
        self._outlets = outlets
        self._doubt = doubt
        self._keys: dict[str, NoticeKey] = {}
        self._kept: list[DataFrame] = []
        self._warned: set[str] = set()
        us, krx = NOTICES_TR[endpoint.server], KRX_NOTICES_TR[endpoint.server]
        self._desks: Mapping[str, DeskName] = {us: DeskName.US, krx: DeskName.KRX}
        self._notices: Mapping[str, Callable[[list[str], datetime], None]] = {
            us: self._us_notice,
            krx: self._krx_notice,
        }
        self._quotes: Mapping[str, Callable[[Registration, Symbol, list[str], datetime], None]] = {
            TRADES_TR: self._us_trade,
            KRX_TRADES_TR: self._krx_trade,
            KRX_OPERATIONS_TR: self._krx_operation,
        }

    def reads_notices(self, tr_id: str) -> bool:
        """Whether a frame of this id is one of notices."""
        return tr_id in self._notices

    def has_key(self, tr_id: str) -> bool:
        """Whether notices of this id can be read."""
        return tr_id in self._keys

    def take_key(self, tr_id: str, key: NoticeKey, now: datetime) -> None:
        """The pair of an acknowledgement of notices; what came before it is read now."""
        self._keys[tr_id] = key
        kept, self._kept = self._kept, []
        for frame in kept:
            self.take(frame, now)

    def take(self, frame: DataFrame, now: datetime) -> None:
        """One data frame; nothing in it can raise."""
        if frame.tr_id in self._quotes and not frame.is_sealed:
            self._take_quotes(frame, now)
        elif frame.tr_id in self._notices:
            self._take_notices(frame, now)
        else:
            self._warn(frame.tr_id, "frames nobody asked for")

    def _take_quotes(self, frame: DataFrame, now: datetime) -> None:
        deliver = self._quotes[frame.tr_id]
        try:
            records = self._split(frame, frame.payload)
        except PayloadError as error:
            self._warn(frame.tr_id, str(error))
            return
        for record in records:
            wanted = self._registrations.find(frame.tr_id, record[0])
            if wanted is None or wanted.symbol is None:
                continue  # the last ones of a released registration
            try:
                deliver(wanted, wanted.symbol, record, now)
            except PayloadError as error:
                self._warn(frame.tr_id, str(error))

    def _us_trade(
        self, wanted: Registration, symbol: Symbol, record: list[str], _now: datetime
    ) -> None:
        self._outlets.us(TickSeen(parse_trade(record, wanted.tr_key, symbol)))

    def _krx_trade(
        self, _wanted: Registration, symbol: Symbol, record: list[str], _now: datetime
    ) -> None:
        self._outlets.krx(TickSeen(parse_krx_trade(record, symbol)))

    def _krx_operation(
        self, _wanted: Registration, symbol: Symbol, record: list[str], now: datetime
    ) -> None:
        self._outlets.krx(parse_operation(record, symbol, now))

    def _take_notices(self, frame: DataFrame, now: datetime) -> None:
        doubt = partial(self._doubt, self._desks[frame.tr_id])
        if not frame.is_sealed:
            # The socket is not encrypted: anybody on the path could have written this.
            doubt("plain notice refused")
            return
        key = self._keys.get(frame.tr_id)
        if key is None:
            self._kept = [*self._kept, frame][-_KEPT_FRAMES:]
            return
        try:
            records = self._split(frame, decrypt(frame.payload, key))
        except PayloadError as error:
            self._warn(frame.tr_id, str(error))
            doubt("unreadable notice")
            return
        for record in records:
            try:
                self._notices[frame.tr_id](record, now)
            except PayloadError as error:
                self._warn(frame.tr_id, str(error))
                doubt("unreadable notice")

    def _us_notice(self, record: list[str], now: datetime) -> None:
        notice = parse_notice(record, self._account, now)
        if notice is not None:
            self._outlets.us(NoticeSeen(notice))

    def _krx_notice(self, record: list[str], now: datetime) -> None:
        notice = parse_krx_notice(record, self._account, now)
        if notice is not None:
            self._outlets.krx(NoticeSeen(notice))

    def _split(self, frame: DataFrame, payload: str) -> list[list[str]]:
        records = split_records(frame.tr_id, frame.records, payload)
        if len(records[0]) != KNOWN_WIDTH[frame.tr_id]:
            self._warn(frame.tr_id, f"records are {len(records[0])} wide")
        return records

    def _warn(self, tr_id: str, what: str) -> None:
        """Once per session and cause: a changed layout would fill the log."""
        cause = f"{tr_id}: {what}"
        if cause not in self._warned:
            self._warned.add(cause)
            _log.warning("%s", cause)
