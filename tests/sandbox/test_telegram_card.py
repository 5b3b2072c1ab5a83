"""The live card against the strict Bot API: real refusals, real pins, the bot's own notice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot.card import LiveCard
from bot.chat import ChatSettings
from bot.preferences import Preferences
from bot.speech import Speaker
from tests.bot.samples import control, position, us_view, usd
from tests.bot.stage import Watch
from tests.fakes.chat_store import FakeValues
from tests.fakes.control import FakeControl
from tests.sandbox.telegram_loopback import OWNER, Loopback, loopback


@dataclass(frozen=True, slots=True)
class Shown:
    """The card and its watch."""

    card: LiveCard
    watch: Watch

    async def look(self) -> None:
        """A look long after the last one."""
        self.watch.elapsed += 10
        await self.card.look()


@asynccontextmanager
async def shown(line: Loopback, values: FakeValues, view: FakeControl) -> AsyncIterator[Shown]:
    """A run of the card."""
    preferences, watch = Preferences(values, "ko"), Watch()
    time = watch.human_time()
    async with line.application().bot as bot:
        speaker = Speaker(bot, view, preferences, time)
        card = LiveCard(speaker, view, values, preferences, ChatSettings((OWNER,)), time)
        await card.load()
        yield Shown(card, watch)


def move(view: FakeControl, price: str) -> None:
    row = replace(position(), last_price=usd(price))
    view.view = replace(view.view, us=replace(us_view(), positions=(row,)))


async def test_the_card_lives_through_edits_a_restart_an_unpinning_and_a_deletion() -> None:
    values, view = FakeValues(), control()
    async with loopback() as line:
        line.chat.send(OWNER, "/start")
        async with shown(line, values, view) as run:
            await run.look()
            (first,) = line.api.store.pinned(OWNER)
            move(view, "205.00")
            await run.look()
            assert "+$54.00" in str(first.content["text"])
        await line.result("unpinAllChatMessages", chat_id=OWNER)
        async with shown(line, values, view) as run:
            await run.look()
            assert line.api.store.pinned(OWNER) == [first]
            await line.result("deleteMessage", chat_id=OWNER, message_id=first.message_id)
            move(view, "206.00")
            await run.look()
            (second,) = line.api.store.pinned(OWNER)
            assert second.message_id > first.message_id
            await run.card.close()
            assert "꺼져 있음" in str(second.content["text"])
        said = [message for message in line.chat.from_bot(OWNER) if not message.is_service]
        assert said == [second]
