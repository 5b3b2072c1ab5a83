"""One alert to the phone, once: what a try leaves behind and how a lost answer is looked up.

Before a message is sent, the outbox notes the newest message id known. When no answer came (or
the process died in the middle) the next try first edits the alert into the ids behind that one:
Telegram says whether the message exists. Where it cannot be known (other messages were lost as
well, or were sent by an earlier run) the alert is sent again with a line that says so: a doubled
alert is better than a missing one, and money never depends on a message.
"""

from __future__ import annotations

from dataclasses import replace

from telegram.error import BadRequest, TelegramError

from bot.chat import Reply
from bot.format import replies
from bot.format.lang import Lang
from bot.presenter import Presenter
from bot.speech import Speaker, may_have_arrived
from engine.model.ids import Mode
from engine.ports.chat_store import Outbox, OutboxItem, OutboxKey


class Delivery:
    """Sends alerts to one owner, one at a time."""

    def __init__(self, outbox: Outbox, presenter: Presenter, speaker: Speaker) -> None:
        self._outbox = outbox
        self._presenter = presenter
        self._speaker = speaker
        self._lost: dict[OutboxKey, int] = {}

    async def deliver(
        self, owner: int, item: OutboxItem, reply: Reply, lang: Lang, *, silent: bool
    ) -> None:
        """Return when the owner has it. Raises TelegramError; the outbox knows what that leaves."""
        mode = book_mode(item.key.book)
        is_doubtful = False
        if item.sent_after is not None:
            after = self._lost.get(item.key, item.sent_after)
            found = await self._find(owner, after, reply, mode)
            if found:
                self._lost.pop(item.key, None)
                return
            is_doubtful = found is None
            if is_doubtful:
                reply = replace(reply, text=f"{replies.repeated(lang)}\n{reply.text}")
        self._lost.pop(item.key, None)
        # An older doubt outlives this try: whatever becomes of it, the next one says so again.
        after = 0 if is_doubtful else self._speaker.ids.newest
        await self._outbox.trying(item.key, after)
        try:
            await self._presenter.push(owner, reply, mode=mode, silent=silent)
        except TelegramError as error:
            if is_doubtful or may_have_arrived(error):
                # Only this run knows what else it sends from now on.
                self._lost[item.key] = after
                await self._outbox.lost(item.key)
            else:
                await self._outbox.not_sent(item.key)
            raise

    async def _find(self, owner: int, after: int, reply: Reply, mode: Mode | None) -> bool | None:
        """Whether an earlier try arrived; None when nobody can know."""
        candidates = self._speaker.ids.candidates(after)
        if candidates is None:
            return None
        try:
            return await self._presenter.push_into(owner, candidates, reply, mode=mode)
        except BadRequest:
            return None  # refused for its text: the sending will say so again


def book_mode(book: str) -> Mode | None:
    """The mode whose book a fact is from (live, live.db, live.krx.week); None for other names."""
    name = book.partition(".")[0]
    return Mode(name) if name in set(Mode) else None
