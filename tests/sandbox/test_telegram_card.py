"""The live card against the strict Bot API: real refusals, real pins, the bot's own notice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.card import LiveCard
from bot.chat import ChatSettings
from bot.preferences import Preferences
from bot.speech import Speaker
from tests.bot.samples import control, position, us_view, usd
from tests.bot.stage import Watch
from tests.fakes.chat_store import FakeValues
from tests.fakes.control import FakeControl
from tests.sandbox.telegram_loopback import OWNER, Loopback, loopback


@asynccontextmanager
async def shown(line: Loopback, values: FakeValues, view: FakeControl) -> AsyncIterator[LiveCard]:
    """A run of the card; its watch stands, and there is no gap to wait for."""
    preferences, time = Preferences(values, "ko"), Watch().human_time()
    async with line.application().bot as bot:
        speaker = Speaker(bot, view, preferences, time)
        settings = ChatSettings((OWNER,), card_gap_s=0)
        card = LiveCard(speaker, view, values, preferences, settings, time)
        await card.load()
        yield card


def move(view: FakeControl, price: str) -> None:
    row = replace(position(), last_price=usd(price))
    view.view = replace(view.view, us=replace(us_view(), positions=(row,)))


async def test_the_card_lives_through_edits_a_restart_an_unpinning_and_a_deletion() -> None:
    values, view = FakeValues(), control()
    async with loopback() as line:
        line.chat.send(OWNER, "/start")
        async with shown(line, values, view) as card:
            await card.look()
            (first,) = line.api.store.pinned(OWNER)
            move(view, "205.00")
            await card.look()
            assert "+$54.00" in str(first.content["text"])
        await line.result("unpinAllChatMessages", chat_id=OWNER)
        async with shown(line, values, view) as card:
            await card.look()
            assert line.api.store.pinned(OWNER) == [first]
            await line.result("deleteMessage", chat_id=OWNER, message_id=first.message_id)
            move(view, "206.00")
            await card.look()
            (second,) = line.api.store.pinned(OWNER)
            assert second.message_id > first.message_id
            await card.close()
            assert "꺼져 있음" in str(second.content["text"])
        said = [message for message in line.chat.from_bot(OWNER) if not message.is_service]
        assert said == [second]
