"""One connection as a machine without a socket: frames and events in, frames out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox import frames
from sandbox import ws_answers as answers
from sandbox.frames import CipherPair
from sandbox.model import Credentials, Fault, FaultDesk, Server
from sandbox.ws_answers import Answer
from sandbox.ws_feed import Record
from sandbox.ws_keepalive import Keepalive
from sandbox.ws_registrations import AppKeySlot, Registrations
from sandbox.ws_requests import TRS, Request, check_tr, parse_echo, parse_request
from sandbox.ws_settings import Layout, SocketSettings
from sandbox.ws_trouble import CHANNEL, NoticePost, QuoteDam, Silence, strike_layout


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
    forge: Callable[[str, str, datetime], Record]
    latest: Callable[[str, str], Record | None]
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
        tr_id, tr_key = request.tr_id, request.tr_key
        muted = self._service.faults.take(CHANNEL, tr_id, "unanswered")
        if muted is not None and muted.value == "unheard":
            return []
        answer, pair = self._decide(request, now)
        self._service.verdicts.append(Verdict(now, tr_id, tr_key, answer.msg_cd))
        said = [] if muted else [frames.render_answer(answer, tr_id, tr_key, pair)]
        if answer is answers.SUBSCRIBED:
            latest = self._service.latest(tr_id, tr_key)
            said += [] if latest is None else self._quotes(tr_id, [latest], now)
        return said

    def pong(self, payload: str) -> None:
        """A Pong control frame; counts as an echo when it carries the PINGPONG text."""
        stamp = parse_echo(payload)
        if stamp is not None:
            self._keepalive.answered(stamp)

    def is_silent(self, now: datetime) -> bool:
        """Whether the server plays dead."""
        return self._silence.holds(now)

    def quotes(self, records: Sequence[Record], now: datetime) -> list[str]:
        """Quotes of one instant, in order; those of a TR travel together."""
        wanted: dict[str, list[Record]] = {}
        for record in records:
            if self.wants(record.tr_id, record.tr_key):
                wanted.setdefault(record.tr_id, []).append(record)
        sent: list[str] = []
        for tr_id in dict.fromkeys((*wanted, *self._dam.closed())):
            sent += self._quotes(tr_id, wanted.get(tr_id, []), now)
        return sent

    def wants(self, tr_id: str, tr_key: str) -> bool:
        """Whether that key is registered here."""
        return self.registrations.pair(tr_id, tr_key) is not None

    def notice(self, record: Record, now: datetime) -> list[str]:
        """A notice of the customer's account."""
        if self._notice_pair(record) is None or not self._may_send(record.tr_id, now):
            return []
        return self._notices(self._post.post(record, now))

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
        sent = [] if ping is None else [ping]
        sent += self._notices(self._post.due(now)) + self._forged(now)
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

    def _quotes(self, tr_id: str, records: list[Record], now: datetime) -> list[str]:
        if not self._may_send(tr_id, now):
            return []
        if TRS[tr_id].is_snapshot:
            records = list({record.tr_key: record for record in records}.values())
        leaving = self._dam.pass_on(tr_id, records, now)
        settings, layout = self._service.settings, self._service.layout
        return frames.render_plain(
            tr_id,
            [layout.fit(tr_id, record.columns) for record in leaving],
            most=settings.max_records,
            trailing=settings.trailing_caret,
        )

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

    def _notice_pair(self, record: Record) -> CipherPair | None:
        service = self._service
        if service.customer.server is Server.PAPER and not service.settings.paper_notices:
            return None
        return self.registrations.pair(record.tr_id, record.tr_key)

    def _notices(self, records: Sequence[Record]) -> list[str]:
        layout, trailing = self._service.layout, self._service.settings.trailing_caret
        sent: list[str] = []
        for record in records:
            pair = self._notice_pair(record)
            if pair is not None:
                columns = layout.fit(record.tr_id, record.columns)
                sent.append(frames.render_encrypted(record.tr_id, columns, pair, trailing=trailing))
        return sent

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
        service = self._service
        for tr_id in self.registrations.trs():
            if not TRS[tr_id].is_notice:
                continue
            fault = service.faults.take(CHANNEL, tr_id, "plain_notice")
            if fault is not None:
                forged = service.forge(tr_id, fault.value, now)
                return frames.render_plain(tr_id, [service.layout.fit(tr_id, forged.columns)])
        return []
