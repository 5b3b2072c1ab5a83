"""Sends files: photos and documents, neighbours of a kind together as albums, in order."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from telegram import Bot, InputMediaDocument, InputMediaPhoto, Message
from telegram.constants import ParseMode
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.chat import Attachment, AttachmentKind
from bot.format.markup import MAX_CAPTION, fit, plain
from bot.speech import Speaker, may_have_arrived
from engine.model.ids import Mode

_LOG = logging.getLogger(__name__)
MAX_BYTES = 50 * 1024 * 1024  # of one call, by the Bot API
ALBUM = 10
_ENTITY_ERROR = "can't parse entities"
_NO_PHOTO = ("photo_invalid", "image_process", "too big for a photo")

_Group = tuple[Attachment, ...]
_Send = Callable[[], Awaitable[Sequence[Message]]]


class Courier:
    """The only caller of sendDocument, sendPhoto and sendMediaGroup."""

    def __init__(self, bot: Bot, speaker: Speaker) -> None:
        self._bot = bot
        self._speaker = speaker

    async def send(
        self,
        user_id: int,
        attachments: Sequence[Attachment],
        *,
        mode: Mode | None = None,
        silent: bool = False,
    ) -> tuple[str, ...]:
        """Names of what Telegram would not take for its size. Raises TelegramError.

        A file whose answer was lost may have arrived: it is not sent again.
        """
        fitting = [one for one in attachments if len(one.content) <= MAX_BYTES]
        for group in _groups(fitting):
            await self._send(user_id, self._badged(group, mode), silent=silent)
        return tuple(one.name for one in attachments if len(one.content) > MAX_BYTES)

    async def _send(self, user_id: int, group: _Group, *, silent: bool) -> None:
        try:
            await self._sent(user_id, group, ParseMode.HTML, silent=silent)
        except RetryAfter:
            raise
        except BadRequest as error:
            reason = str(error).lower()
            if _ENTITY_ERROR in reason:
                _LOG.warning("a caption was refused, sent as plain text: %s", error)
                unmarked = tuple(replace(one, caption=plain(one.caption)) for one in group)
                await self._sent(user_id, unmarked, None, silent=silent)
            elif any(word in reason for word in _NO_PHOTO):
                _LOG.warning("a photo was refused, sent as a file: %s", error)
                files = tuple(replace(one, kind=AttachmentKind.DOCUMENT) for one in group)
                await self._sent(user_id, files, ParseMode.HTML, silent=silent)
            else:
                raise

    async def _sent(
        self, user_id: int, group: _Group, parse_mode: ParseMode | None, *, silent: bool
    ) -> None:
        async def call() -> Sequence[Message]:
            return await self._call(user_id, group, parse_mode, silent=silent)

        await self._speaker.patiently(lambda: self._noted(call))

    async def _noted(self, call: _Send) -> None:
        """One call, with what it says of message ids."""
        ids, is_lost = self._speaker.ids, True
        ids.begin()
        try:
            messages = await call()
            is_lost = False
        except TelegramError as error:
            is_lost = may_have_arrived(error)
            raise
        finally:
            ids.end(is_lost=is_lost)
        for message in messages:
            self._speaker.note(message.message_id)

    async def _call(
        self, user_id: int, group: _Group, parse_mode: ParseMode | None, *, silent: bool
    ) -> Sequence[Message]:
        first = group[0]
        is_photo = first.kind is AttachmentKind.PHOTO
        if len(group) > 1:
            item = InputMediaPhoto if is_photo else InputMediaDocument
            media = [
                item(one.content, caption=one.caption, parse_mode=parse_mode, filename=one.name)
                for one in group
            ]
            return await self._bot.send_media_group(user_id, media, disable_notification=silent)
        send = self._bot.send_photo if is_photo else self._bot.send_document
        return (
            await send(
                user_id,
                first.content,
                caption=first.caption,
                parse_mode=parse_mode,
                filename=first.name,
                disable_notification=silent,
            ),
        )

    def _badged(self, group: _Group, mode: Mode | None) -> _Group:
        """The badge leads the group; a caption of its own has one too."""
        return tuple(
            replace(one, caption=fit(self._speaker.badged(one.caption, mode), MAX_CAPTION))
            if one.caption or place == 0
            else one
            for place, one in enumerate(group)
        )


def _groups(attachments: Sequence[Attachment]) -> Iterator[_Group]:
    """Neighbours of a kind, at most so many that one call takes them."""
    for _, alike in groupby(attachments, key=lambda one: one.kind):
        group: list[Attachment] = []
        for one in alike:
            size = sum(len(other.content) for other in group) + len(one.content)
            if group and (len(group) == ALBUM or size > MAX_BYTES):
                yield tuple(group)
                group = []
            group.append(one)
        if group:
            yield tuple(group)
