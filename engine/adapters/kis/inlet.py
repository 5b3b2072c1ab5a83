"""Data frames of one socket session to feed events: keys, decryption, filters, doubts."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.adapters.kis.crypt import NoticeKey, decrypt
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.fields import (
    KRX_NOTICES_TR,
    KRX_OPERATIONS_TR,
    KRX_TRADES_TR,
    NOTICES_TR,
    TRADES_TR,
)
from engine.adapters.kis.frames import KNOWN_WIDTH, PlainFrame, SealedFrame, split_records
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
        self._kept: list[SealedFrame] = []
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
            self.take_sealed(frame, now)

    def spoil(self, error: PayloadError) -> None:
        """A frame that could not be taken apart."""
        self._warn(error.tr_id, error.text)
        if error.tr_id in self._notices:
            self._doubt(self._desks[error.tr_id], "unreadable notice")

    def take(self, frame: PlainFrame, now: datetime) -> None:
        """The records of one plain frame; nothing in it can raise."""
        tr_id, records = frame
        deliver = self._quotes.get(tr_id)
        if deliver is None:
            self._refuse(tr_id)
            return
        self._look_at_width(tr_id, records)
        for record in records:
            wanted = self._registrations.find(tr_id, record[0])
            if wanted is None or wanted.symbol is None:
                continue  # the last ones of a released registration
            try:
                deliver(wanted, wanted.symbol, record, now)
            except PayloadError as error:
                self._warn(tr_id, error.text)

    def take_sealed(self, frame: SealedFrame, now: datetime) -> None:
        """The notices of one encrypted frame; nothing in it can raise."""
        take = self._notices.get(frame.tr_id)
        if take is None:
            self._refuse(frame.tr_id)
            return
        key = self._keys.get(frame.tr_id)
        if key is None:
            self._kept = [*self._kept, frame][-_KEPT_FRAMES:]
            return
        try:
            records = split_records(frame.tr_id, frame.count, decrypt(frame.payload, key))
        except PayloadError as error:
            self.spoil(PayloadError(error.text, tr_id=frame.tr_id))
            return
        self._look_at_width(frame.tr_id, records)
        for record in records:
            try:
                take(record, now)
            except PayloadError as error:
                self.spoil(PayloadError(error.text, tr_id=frame.tr_id))

    def _refuse(self, tr_id: str) -> None:
        self._warn(tr_id, "frames nobody asked for")
        if tr_id in self._notices:
            # The socket is not encrypted: anybody on the path could have written this.
            self._doubt(self._desks[tr_id], "plain notice refused")

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

    def _us_notice(self, record: list[str], now: datetime) -> None:
        notice = parse_notice(record, self._account, now)
        if notice is not None:
            self._outlets.us(NoticeSeen(notice))

    def _krx_notice(self, record: list[str], now: datetime) -> None:
        notice = parse_krx_notice(record, self._account, now)
        if notice is not None:
            self._outlets.krx(NoticeSeen(notice))

    def _look_at_width(self, tr_id: str, records: list[list[str]]) -> None:
        if len(records[0]) != KNOWN_WIDTH[tr_id]:
            self._warn(tr_id, f"records are {len(records[0])} wide")

    def _warn(self, tr_id: str, what: str) -> None:
        """Once per session and cause: a changed layout would fill the log."""
        cause = f"{tr_id}: {what}"
        if cause not in self._warned:
            self._warned.add(cause)
            _log.warning("%s", cause)
