"""The owner's phone and a run of the live card, for the tests of the card."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from telegram.error import NetworkError

from bot.app import chat_of
from bot.card import LiveCard
from tests.bot.samples import position, us_view, usd
from tests.bot.stage import OWNER, Call, Stage

GONE = "Bad Request: message to edit not found"
GIFTS = dict.fromkeys(
    (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    ),
    True,
)


@dataclass
class Phone:
    """The owner's chat as Telegram keeps it; ``troubles`` befall the next calls, one each."""

    stage: Stage
    cards: dict[int, str] = field(default_factory=dict)
    pinned: int | None = None
    troubles: list[Exception | tuple[int, str, int]] = field(default_factory=list)
    is_away: bool = False
    methods: list[str] = field(default_factory=list)
    edited_at: list[float] = field(default_factory=list)
    is_silent: list[bool] = field(default_factory=list)

    async def answer(self, call: Call) -> tuple[int, dict[str, Any]] | None:
        self.methods.append(call.method)
        if call.method == "editMessageText":
            self.edited_at.append(self.stage.watch.elapsed)
        if self.is_away:
            raise NetworkError("away")
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, tuple):
            code, text, wait = trouble
            more = {"parameters": {"retry_after": wait}} if wait else {}
            return code, {"ok": False, "error_code": code, "description": text, **more}
        refusal = self._take(call)
        if isinstance(trouble, Exception):
            raise trouble  # done, but the answer is lost
        return refusal

    def _take(self, call: Call) -> tuple[int, dict[str, Any]] | None:
        message_id = int(call.fields.get("message_id", 0))
        match call.method:
            case "sendMessage":
                self.cards[self.stage.last_id() + 1] = call.text
                self.is_silent.append(bool(call.fields["disable_notification"]))
            case "editMessageText":
                if message_id not in self.cards:
                    return 400, {"ok": False, "error_code": 400, "description": GONE}
                self.cards[message_id] = call.text
            case "pinChatMessage":
                self.pinned = message_id
                self.is_silent.append(bool(call.fields["disable_notification"]))
            case "getChat":
                return 200, {"ok": True, "result": self._chat()}
        return None

    def _chat(self) -> dict[str, Any]:
        chat = {"id": OWNER, "type": "private", "first_name": "T"}
        more = {"accent_color_id": 0, "max_reaction_count": 1, "accepted_gift_types": GIFTS}
        if self.pinned is None:
            return {**chat, **more}
        shown = {"message_id": self.pinned, "date": 1, "chat": chat, "text": "x"}
        return {**chat, **more, "pinned_message": shown}

    def unpin(self) -> None:
        """By hand."""
        self.pinned = None

    def count(self, method: str) -> int:
        return self.methods.count(method)

    @property
    def text(self) -> str:
        """What the newest card shows."""
        return self.cards[max(self.cards)]


@dataclass
class Play:
    """A stage with its phone and the card of the run under way."""

    stage: Stage
    phone: Phone
    card: LiveCard

    async def run_for(self, seconds: int, *, is_moving: bool = False) -> None:
        """A look a second, as ``run`` does; market time goes on all the while."""
        for _ in range(seconds):
            if is_moving:
                self.move(f"{201 + self.stage.watch.elapsed / 1000:.3f}")
            await self.card.look()
            self.stage.watch.elapsed += 1
            view = self.stage.control.view
            self.stage.control.view = replace(view, now=view.now + timedelta(seconds=1))

    def move(self, price: str) -> None:
        """Apple trades at another price."""
        row = replace(position(), last_price=usd(price))
        view = self.stage.control.view
        self.stage.control.view = replace(view, us=replace(us_view(), positions=(row,)))

    async def restart(self) -> None:
        """A new run on the same store, right behind the old one."""
        chat = chat_of(self.stage.app)
        self.card = LiveCard(
            chat.speaker,
            self.stage.control,
            self.stage.values,
            chat.preferences,
            chat.settings,
            self.stage.watch.human_time(),
        )
        await self.card.load()

    def is_shown(self, price: str) -> bool:
        """The open P&L of 12 shares tells the price."""
        gain = (usd(price) - usd("200.50")) * 12
        return f"{gain.amount:,.2f}" in self.phone.text
