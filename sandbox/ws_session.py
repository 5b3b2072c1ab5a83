"""One connection as a machine without a socket: frames and events in, frames out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox import frames
from sandbox import ws_answers as answers
from sandbox.frames import CipherPair
from sandbox.model import Credentials, Fault, FaultDesk, Listing, Notice, NoticeKind, Server, Side
from sandbox.ws_answers import Answer
from sandbox.ws_columns import book_columns, notice_columns, quote_key, trade_columns
from sandbox.ws_keepalive import Keepalive
from sandbox.ws_registrations import AppKeySlot, Registrations
from sandbox.ws_requests import US_NOTICES, Request, check_tr, parse_echo, parse_request
from sandbox.ws_settings import Layout, SocketSettings
from sandbox.ws_ticks import Tick
from sandbox.ws_trouble import CHANNEL, NoticePost, QuoteDam, Silence, strike_layout

_TRADES = "HDFSCNT0"
_BOOKS = "HDFSASP0"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one request was answered; the approval key is left out on purpose."""

    at: datetime
    tr_id: str
    tr_key: str
    msg_cd: str


@dataclass(frozen=True, slots=True)
class Service:
    """What every session of one server shares."""

    customer: Credentials
    is_approved: Callable[[str], bool]
    find_listing: Callable[[str], Listing | None]
    faults: FaultDesk
    slot: AppKeySlot
    layout: Layout
    settings: SocketSettings
    verdicts: list[Verdict]


class SocketSession:
    """Every method takes the moment and returns the frames to send, in order.

    When ``is_dropped`` turns true the connection is to be cut without a Close; with ``frees_slot``
    the app key's slot is free at once, as if there had been one.
    """

    def __init__(self, service: Service, now: datetime) -> None:
        settings = service.settings
        poll = timedelta(seconds=settings.poll_seconds)
        self._service = service
        self._poll = poll
        self._poll_at = now + poll
        self._keepalive = Keepalive(
            timedelta(seconds=settings.ping_seconds), settings.max_unanswered, now
        )
        self._silence = Silence(poll)
        self._post = NoticePost(service.faults)
        self._dam = QuoteDam(service.faults)
        self.registrations = Registrations(settings.max_registrations)
        self._opened_with: str | None = None
        self.is_dropped = False
        self.frees_slot = False

    @property
    def wake_at(self) -> datetime:
        """When ``tick`` wants to be called next."""
        return min(self._poll_at, self._keepalive.due_at)

    def receive(self, text: str, now: datetime) -> list[str]:
        """A text frame of the client: an echo, a registration or a release."""
        stamp = parse_echo(text)
        if stamp is not None:
            self._keepalive.answered(stamp)
            return []
        if self._silence.holds(now):
            return []
        request = parse_request(text)
        if isinstance(request, Answer):
            self._service.verdicts.append(Verdict(now, "", "", request.msg_cd))
            return [frames.render_answer(request, "", "")]
        answer, pair = self._decide(request, now)
        self._service.verdicts.append(Verdict(now, request.tr_id, request.tr_key, answer.msg_cd))
        return [frames.render_answer(answer, request.tr_id, request.tr_key, pair)]

    def pong(self, payload: str) -> None:
        """A Pong control frame; counts as an echo when it carries the PINGPONG text."""
        stamp = parse_echo(payload)
        if stamp is not None:
            self._keepalive.answered(stamp)

    def is_silent(self, now: datetime) -> bool:
        """Whether the server plays dead."""
        return self._silence.holds(now)

    def ticks(self, ticks: Sequence[Tick], now: datetime) -> list[str]:
        """Trades of one instant, in order."""
        if not self.registrations:
            return []
        books = {tick.trade.symbol: tick for tick in ticks}
        return [
            *self._quotes(_TRADES, ticks, now),
            *self._quotes(_BOOKS, list(books.values()), now),
        ]

    def notice(self, notice: Notice, now: datetime) -> list[str]:
        """A notice of the customer's account."""
        tr_id = US_NOTICES[notice.server]
        pair = self._notice_pair()
        if pair is None or not self._may_send(tr_id, now):
            return []
        return self._notices(self._post.post(tr_id, notice, now), pair)

    def tick(self, now: datetime) -> list[str]:
        """Market time has moved on: idle trouble, keep-alive, what was held back."""
        if now >= self._poll_at:
            self._poll_at = now + self._poll
            self._take_idle_trouble(now)
        if self._silence.holds(now):
            self._keepalive.put_off(self._poll_at)
            return []
        if self.is_dropped:
            return []
        if self._keepalive.is_lost(now):
            self.is_dropped = True
            return []
        ping = self._keepalive.poll(now)
        pair = self._notice_pair()
        sent = [] if ping is None else [ping]
        if pair is not None:
            sent += self._notices(self._post.due(now), pair) + self._forged(now)
        for tr_id in self._dam.closed():
            sent += self._quotes(tr_id, [], now)
        return sent

    def _decide(self, request: Request, now: datetime) -> tuple[Answer, CipherPair | None]:
        service = self._service
        # A key that opened this session stays good for it when it ages.
        key = request.approval_key
        if key != self._opened_with and not service.is_approved(key):
            return answers.APPROVAL_UNKNOWN, None
        if not service.slot.claim(self, now):
            return answers.APPKEY_IN_USE, None
        self._opened_with = key
        fault = check_tr(request, service.customer.server, service.customer.hts_id)
        if fault is not None:
            return fault, None
        if request.is_release:
            return self.registrations.release(request.tr_id, request.tr_key)
        return self.registrations.register(request.tr_id, request.tr_key)

    def _quotes(self, tr_id: str, ticks: Sequence[Tick], now: datetime) -> list[str]:
        wanted = [tick for tick in ticks if self._wants(tr_id, tick)]
        if not wanted and tr_id not in self._dam.closed():
            return []
        if not self._may_send(tr_id, now):
            return []
        leaving = self._dam.pass_on(tr_id, wanted, now)
        columns = trade_columns if tr_id == _TRADES else book_columns
        settings, layout = self._service.settings, self._service.layout
        records = [
            layout.fit(tr_id, columns(quote_key(tick.listing, tick.trade.at) or "", tick))
            for tick in leaving
        ]
        return frames.render_plain(
            tr_id, records, most=settings.max_records, trailing=settings.trailing_caret
        )

    def _wants(self, tr_id: str, tick: Tick) -> bool:
        key = quote_key(tick.listing, tick.trade.at)
        return key is not None and self.registrations.pair(tr_id, key) is not None

    def _may_send(self, tr_id: str, now: datetime) -> bool:
        """Whether a frame of this TR leaves; takes the trouble that waits for it."""
        if self.is_dropped or self._silence.holds(now):
            return False
        faults = self._service.faults
        struck = faults.take(CHANNEL, tr_id, "drop", "silent")
        if struck is None:
            strike_layout(faults, self._service.layout, tr_id)
            return True
        if struck.kind == "drop":
            self._drop(struck)
        else:
            self._silence.begin(struck, now)
        return False

    def _notice_pair(self) -> CipherPair | None:
        customer = self._service.customer
        if customer.server is Server.PAPER and not self._service.settings.paper_notices:
            return None
        return self.registrations.pair(US_NOTICES[customer.server], customer.hts_id)

    def _notices(self, notices: Sequence[Notice], pair: CipherPair) -> list[str]:
        trailing = self._service.settings.trailing_caret
        return [
            frames.render_encrypted(
                US_NOTICES[notice.server], self._notice_record(notice), pair, trailing=trailing
            )
            for notice in notices
        ]

    def _notice_record(self, notice: Notice) -> tuple[str, ...]:
        listing = self._service.find_listing(notice.symbol)
        columns = notice_columns(notice, self._service.customer, listing)
        return self._service.layout.fit(US_NOTICES[notice.server], columns)

    def _take_idle_trouble(self, now: datetime) -> None:
        service = self._service
        if not service.slot.is_held_by(self):
            return  # a session that KIS turned away is not worth a fault
        target = service.customer.server.value
        self._silence.poll(service.faults, target, now)
        if self._silence.holds(now):
            return
        fault = service.faults.take(CHANNEL, target, "drop")
        if fault is not None:
            self._drop(fault)

    def _drop(self, fault: Fault) -> None:
        self.is_dropped = True
        self.frees_slot = fault.value == "free"

    def _forged(self, now: datetime) -> list[str]:
        customer = self._service.customer
        tr_id = US_NOTICES[customer.server]
        fault = self._service.faults.take(CHANNEL, tr_id, "plain_notice")
        if fault is None:
            return []
        forged = forge_fill(fault.value or "AAPL", customer, now)
        return frames.render_plain(tr_id, [self._notice_record(forged)])


def forge_fill(symbol: str, customer: Credentials, at: datetime) -> Notice:
    """A buy that never happened, as somebody on the path would write it."""
    return Notice(
        kind=NoticeKind.FILL,
        server=customer.server,
        account=customer.account,
        order_no="0099999999",
        original_no="",
        side=Side.BUY,
        symbol=symbol,
        exchange="NASD",
        qty=100,
        price=Decimal(1),
        order_qty=100,
        at=at,
    )
