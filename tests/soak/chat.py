"""The chat from the trader's side, followed by what changes: a day's transcript is long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.e2e.children import Json
from tests.e2e.trader import OWNER, Sandbox
from tests.soak.told import first_text, kind_of

FOLLOW_S = 0.2
ANSWER_S = 30.0


@dataclass
class Chat:
    """Messages of the bot as they are now, by id."""

    stage: Sandbox
    messages: dict[int, Json] = field(default_factory=dict)
    pressed: set[int] = field(default_factory=set)
    typed: int = 0
    unanswered: list[str] = field(default_factory=list)
    _change: int = 0

    async def follow(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(FOLLOW_S)

    async def look(self) -> None:
        """Take over what changed."""
        news = await self.stage.get(f"/sandbox/telegram/transcript?after={self._change}")
        self._change = news["change"]
        for message in news["messages"]:
            if message["from"].get("is_bot") and message["chat_id"] == OWNER:
                self.messages[message["message_id"]] = message

    async def ask(self, text: str) -> Json | None:
        """Type, and wait for an answer; None is remembered as a word without one."""
        self.typed += 1
        after = await self.stage.say(text)

        def answers(message: Json) -> bool:
            return message["message_id"] > after and kind_of(first_text(message)) is None

        found = await self.until(answers)
        if found is None:
            self.unanswered.append(text)
        return found

    async def until(self, wanted: Callable[[Json], bool], limit_s: float = ANSWER_S) -> Json | None:
        """The first message that is wanted; None if it does not come."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    for message in list(self.messages.values()):
                        if wanted(message):
                            return message
                    await asyncio.sleep(FOLLOW_S)
        except TimeoutError:
            return None

    async def press(self, message: Json, label: str) -> bool:
        """Press the first button that has ``label`` in it; False where there is none."""
        now = self.messages[message["message_id"]]
        found = next((one for one in labels(now) if label in one), None)
        if found is None:
            return False
        self.pressed.add(message["message_id"])
        await self.stage.post(
            "/sandbox/telegram/press",
            user_id=OWNER,
            message_id=message["message_id"],
            label=found,
        )
        return True


def labels(message: Json) -> list[str]:
    """Of its inline buttons that send something."""
    rows = (message["markup"] or {}).get("inline_keyboard", [])
    return [button["text"] for row in rows for button in row if "callback_data" in button]
