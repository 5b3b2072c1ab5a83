"""The wizard's part with Telegram: whose token it is, and who the trader is."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import Enum

import httpx
from telegram import Bot, Message, Update, User
from telegram.constants import ChatType
from telegram.error import (
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)
from telegram.request import HTTPXRequest

from bot.chat import HumanTime
from bot.terminal.troubles import Trouble
from bot.typed_secrets import is_bot_token

CODE_LIFE_S = 600.0
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
_CODE_LENGTH = 8
_POLL_S = 5
_AGAIN_S = 2.0
_CONNECT_S = 5.0


class Troubled(Exception):
    """Something went wrong that has a word. ``detail``: a code of the other side."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.detail = detail


class Verdict(Enum):
    """What a message is to the pairing."""

    PAIRED = "paired"
    IN_GROUP = "in a group"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the Bot API is."""

    base_url: str
    base_file_url: str


def check_token(text: str) -> None:
    """By its shape. Raises Troubled."""
    if not is_bot_token(text):
        raise Troubled(Trouble.TOKEN_SHAPE)


def new_code() -> str:
    """One of a million million; good once and for ten minutes."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))


def link(username: str, code: str) -> str:
    """Opens the chat; its Start button sends the code."""
    return f"https://t.me/{username}?start={code}"


def judge(message: Message | None, code: str) -> Verdict:
    """Whether this is the trader with the code, in private."""
    if message is None or message.from_user is None or message.from_user.is_bot:
        return Verdict.NOTHING
    word = (message.text or "").strip().removeprefix("/start").strip()
    if not secrets.compare_digest(word.upper().encode(), code.encode()):
        return Verdict.NOTHING
    chat = message.chat
    is_private = chat.type == ChatType.PRIVATE and chat.id == message.from_user.id
    return Verdict.PAIRED if is_private else Verdict.IN_GROUP


async def identify(token: str, addresses: Addresses) -> str:
    """The bot's user name. Raises Troubled."""
    async with open_bot(token, addresses) as bot:
        return bot.username


async def pair(
    token: str,
    addresses: Addresses,
    code: str,
    time: HumanTime,
    tell: Callable[[Trouble], None],
    greeting: str,
) -> User:
    """Wait for the code and greet who sent it.

    ``tell``: what goes wrong on the way, once each.

    Raises:
        Troubled: nobody sent it in time, or somebody else listens to the bot.
    """
    told = _Once(tell)
    async with open_bot(token, addresses) as bot:
        deadline, offset = time.monotonic() + CODE_LIFE_S, 0
        while time.monotonic() < deadline:
            try:
                updates = await bot.get_updates(
                    offset, timeout=_POLL_S, allowed_updates=["message"]
                )
            except (NetworkError, RetryAfter) as error:
                told.tell(trouble_of(error))
                await time.pause(_AGAIN_S)
                continue
            offset = updates[-1].update_id + 1 if updates else offset
            user = _sender(updates, code, told)
            if user is not None:
                await bot.get_updates(offset, limit=1, timeout=0)  # not for the assistant
                await bot.send_message(user.id, greeting)
                return user
    raise Troubled(Trouble.PAIRING_OVER)


class _Once:
    """Passes each trouble on once."""

    def __init__(self, tell: Callable[[Trouble], None]) -> None:
        self._tell = tell
        self._told: set[Trouble] = set()

    def tell(self, trouble: Trouble) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self._tell(trouble)


def _sender(updates: Sequence[Update], code: str, told: _Once) -> User | None:
    """Who sent the code in private; a group is told of."""
    for update in updates:
        verdict = judge(update.message, code)
        if verdict is Verdict.IN_GROUP:
            told.tell(Trouble.PAIRED_IN_GROUP)
        if verdict is Verdict.PAIRED and update.message is not None:
            return update.message.from_user
    return None


def trouble_of(error: TelegramError) -> Trouble:
    """The kind of what Telegram said, or did not say."""
    if isinstance(error, InvalidToken):
        return Trouble.TOKEN_REFUSED
    if isinstance(error, Conflict):
        return Trouble.WEBHOOK if "webhook" in str(error).lower() else Trouble.OTHER_POLLER
    if isinstance(error, Forbidden):
        return Trouble.BLOCKED
    is_away = isinstance(error.__cause__, httpx.TransportError)
    return Trouble.TELEGRAM_AWAY if is_away else Trouble.TELEGRAM_FAILS


@asynccontextmanager
async def open_bot(token: str, addresses: Addresses) -> AsyncIterator[Bot]:
    """The bot, its name known. Raises Troubled for whatever Telegram says within."""
    request = HTTPXRequest(connect_timeout=_CONNECT_S)
    poll_request = HTTPXRequest(connect_timeout=_CONNECT_S)
    try:
        bot = Bot(
            token,
            base_url=addresses.base_url,
            base_file_url=addresses.base_file_url,
            request=request,
            get_updates_request=poll_request,
        )
        async with bot:
            yield bot
    except TelegramError as error:
        # The text of InvalidToken holds the token.
        raise Troubled(trouble_of(error)) from None
