"""What the chat is given: settings, stores, human time; and what its commands give back."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

from engine.model.ids import DeskName
from engine.ports.chat_store import ChatValues, NonceStore, Outbox


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """How the chat is reached and whom it obeys. Seconds are human time.

    ``user_ids``: Telegram user ids, the first is the owner; nobody is allowed when empty.
    """

    user_ids: tuple[int, ...]
    language: str = "ko"
    base_url: str = "https://api.telegram.org/bot"
    base_file_url: str = "https://api.telegram.org/file/bot"
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 8.0
    write_timeout_s: float = 8.0
    pool_timeout_s: float = 3.0
    poll_timeout_s: int = 10
    poll_dead_after_s: float = 60.0
    late_after_s: int = 60
    confirm_s: int = 60
    alert_gap_s: float = 1.0
    card_gap_s: float = 5.0
    remind_s: int = 300
    chart_theme: str = "light"
    chart_colours: str = "korean"

    @property
    def owner(self) -> int | None:
        """Who gets the alerts."""
        return self.user_ids[0] if self.user_ids else None


@dataclass(frozen=True, slots=True)
class ChatStores:
    """What must survive a restart. ``books``: the directory of the books, which reports read."""

    nonces: NonceStore
    values: ChatValues
    outbox: Outbox
    books: Path


@dataclass(frozen=True, slots=True)
class HumanTime:
    """The system's time: confirmations, back-off, long polling. Never decides a trade.

    ``now`` is aware UTC, ``monotonic`` counts seconds, ``pause`` waits that many seconds.
    """

    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    pause: Callable[[float], Awaitable[None]]


class Drills(Protocol):
    """The demo's sandbox, where trouble can be had for the asking."""

    async def throw(self, name: str, *, is_on: bool) -> bool:
        """Begin or end a trouble by its name; False when the sandbox did not do it."""
        ...


class Verb(StrEnum):
    """What a button does."""

    DISMISS = "dismiss"
    SELL_ASK = "sell_ask"  # symbol, amount as typed
    SELL = "sell"  # symbol, shares ("" is all)
    SELL_ALL = "sell_all"  # symbols
    CANCEL_ORDER = "cancel_order"  # order number
    ANSWER = "answer"  # question, choice, what its outcome is called
    ANSWER_LATE = "answer_late"  # the same, asked so long ago that prices have moved
    SET = "set"  # key, value, symbol ("" is none), scope
    SET_HELP = "set_help"  # key
    SET_MENU = "set_menu"  # group, none for all groups
    MODE_ASK = "mode_ask"  # desk, mode
    MODE_SMALL_ASK = "mode_small_ask"  # desk
    MODE = "mode"  # desk, mode, "small" where such a beginning was confirmed
    PAUSE = "pause"  # desk
    RESUME = "resume"  # desks
    RELEASE_ASK = "release_ask"  # desk
    RELEASE = "release"  # desk
    STOP = "stop"  # kind
    STOP_PROGRAM_ASK = "stop_program_ask"
    STOP_MENU = "stop_menu"
    CANCEL_ENTRY = "cancel_entry"  # our order id, symbol
    WHY = "why"  # symbol
    LOCK = "lock"  # symbol
    UNLOCK_ASK = "unlock_ask"  # symbol
    UNLOCK = "unlock"  # symbol
    REFRESH = "refresh"  # balance | positions
    REPORT = "report"  # span, desk ("" is all), last or any day of it ("" is the book's), first day
    REPORT_FILES = "report_files"  # the same
    REPORT_PICTURES = "report_pictures"  # the same
    REPORT_SYMBOLS = "report_symbols"  # page, the same
    BUNDLE = "bundle"
    DRILL = "drill"  # name, "on" or "off"
    ACK = "ack"  # book, sequence number of the fact


@dataclass(frozen=True, slots=True)
class Action:
    """What a press means. Kept on this side: the button carries a nonce only."""

    verb: Verb
    arguments: tuple[str, ...] = ()

    def encode(self) -> str:
        """One line of JSON for the nonce store."""
        return json.dumps([self.verb, *self.arguments], ensure_ascii=False)

    @classmethod
    def decode(cls, text: str) -> Self:
        """Back from the nonce store. Raises ValueError for what we never wrote."""
        verb, *arguments = json.loads(text)
        return cls(Verb(verb), tuple(str(argument) for argument in arguments))


class Style(StrEnum):
    """Colour of a button where the client draws it."""

    PRIMARY = "primary"
    SUCCESS = "success"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """One inline button."""

    label: str
    action: Action
    style: Style | None = None


Rows = tuple[tuple[Button, ...], ...]


class AttachmentKind(StrEnum):
    """How the client shows a file."""

    DOCUMENT = "document"
    PHOTO = "photo"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that follows a text. ``caption``: HTML, escaped; cut to what Telegram takes."""

    name: str
    content: bytes
    kind: AttachmentKind = AttachmentKind.DOCUMENT
    caption: str = ""


Draw = Callable[[], Awaitable[Sequence[Attachment]]]


@dataclass(frozen=True, slots=True)
class Reply:
    """What a command or a press says. ``valid_s``: how long its buttons live.

    ``following``: messages after a text without buttons. ``attachments``: files after all of it, in
    order; ``drawing`` makes pictures that come before them, once the text is said, or raises
    PicturesFailed. ``figures_age``: how old what it shows is.
    ``desk``: whose orders its buttons are about; None: buttons of no use once any desk's mode
    has changed.
    """

    text: str
    rows: Rows = ()
    valid_s: int = 60
    with_keyboard: bool = False
    following: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    drawing: Draw | None = None
    figures_age: timedelta = timedelta(0)
    desk: DeskName | None = None


Run = Callable[[tuple[str, ...], int], Awaitable[Reply]]
"""A command or a press: its arguments and who asked."""
