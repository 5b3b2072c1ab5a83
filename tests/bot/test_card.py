"""One pinned card: edited when something changed, never a flood, never a second one."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from telegram.error import NetworkError, TimedOut

from bot.app import chat_of, post_stop
from bot.format.lang import Lang
from bot.news import News
from engine.errors import JournalFailed
from engine.model.ids import Mode
from tests.bot.card_stage import GONE, Phone, Play
from tests.bot.krx_samples import both_desks
from tests.bot.stage import OWNER, staged, until

BOT_ID = 1  # what the recorder's getMe says


@pytest.fixture
async def play() -> AsyncIterator[Play]:
    async with staged() as stage:
        phone = Phone(stage)
        stage.sent.rule = phone.answer
        yield Play(stage, phone, chat_of(stage.app).card)


async def test_the_first_start_sends_the_card_and_pins_it_once_without_a_sound(play: Play) -> None:
    await play.run_for(20)
    assert play.phone.methods == ["sendMessage", "getChat", "pinChatMessage"]
    assert play.phone.is_silent == [True, True]
    assert play.phone.text.startswith("<b>[모의실행]</b> 📌 🟢")
    assert play.stage.values.held[f"chat.card.{OWNER}"] == str(play.phone.pinned)


async def test_without_a_change_nothing_is_called_however_long(play: Play) -> None:
    await play.run_for(10)
    before = len(play.phone.methods)
    await play.run_for(900)
    assert len(play.phone.methods) == before


async def test_a_change_is_edited_in_with_the_time_of_its_figures(play: Play) -> None:
    await play.run_for(10)
    play.move("205.00")
    await play.run_for(1)
    assert play.phone.methods[3:] == ["editMessageText"]
    assert play.is_shown("205.00")
    assert "기준 22:45:10 KST" in play.phone.text


async def test_another_mode_and_another_language_are_changes_too(play: Play) -> None:
    await play.run_for(10)
    view = play.stage.control.view
    play.stage.control.view = replace(view, modes=dict.fromkeys(view.modes, Mode.LIVE))
    await play.run_for(6)
    assert play.phone.text.startswith("<b>[실전]</b>")
    await chat_of(play.stage.app).preferences.set_language(Lang.EN)
    await play.run_for(6)
    assert play.phone.text.startswith("<b>[LIVE]</b>")
    assert play.phone.count("editMessageText") == 2


async def test_the_card_shows_both_desks_and_what_a_broken_book_leaves(play: Play) -> None:
    both_desks(play.stage.control)
    await play.run_for(10)
    assert "오늘 +12,300원" in play.phone.text
    assert "오늘 +$27.67" in play.phone.text
    assert play.phone.text.index("삼성전자") < play.phone.text.index("애플")
    play.stage.control.trouble = JournalFailed("x")
    await play.run_for(6)
    assert "+12,300원" not in play.phone.text
    assert "장부를 읽지 못함" in play.phone.text
    assert "삼성전자" in play.phone.text


async def test_there_are_five_seconds_between_edits_whatever_happens(play: Play) -> None:
    chance = random.Random(7)
    kinds = (
        (429, "Too Many Requests: retry after 1", 1),
        (502, "Bad Gateway", 0),
        (400, GONE, 0),
        (400, "Bad Request: message is not modified: same", 0),
        TimedOut(),
        NetworkError("reset"),
    )
    for _ in range(60):
        play.phone.troubles += [chance.choice(kinds)] * chance.randrange(2)
        await play.run_for(chance.randrange(30), is_moving=True)
        if chance.random() < 0.1:
            await play.restart()
    play.phone.troubles.clear()
    await play.run_for(200)
    gaps = [b - a for a, b in zip(play.phone.edited_at, play.phone.edited_at[1:], strict=False)]
    assert min(gaps) >= 5
    assert len(gaps) > 60
    play.move("206.00")
    await play.run_for(1)
    assert play.is_shown("206.00")


async def test_many_changes_within_the_gap_become_one_edit_of_the_last(play: Play) -> None:
    await play.run_for(10)
    for price in ("201.00", "202.00", "203.00", "204.00"):
        play.move(price)
        await play.run_for(1)
    await play.run_for(10)
    assert play.phone.count("editMessageText") == 2
    assert play.is_shown("204.00")


async def test_the_card_gives_way_while_others_speak(play: Play) -> None:
    await play.run_for(10)
    play.move("205.00")
    for _ in range(30):
        await chat_of(play.stage.app).speaker.say(OWNER, "an alert")
        await play.run_for(1)
    assert play.phone.count("editMessageText") == 0
    await play.run_for(2)
    assert play.phone.count("editMessageText") == 1


async def test_a_restart_edits_the_same_card_and_does_not_pin_it_again(play: Play) -> None:
    await play.run_for(10)
    play.move("205.00")
    await play.restart()
    await play.run_for(20)
    assert play.phone.methods[3:] == ["editMessageText", "getChat"]
    assert len(play.phone.cards) == 1
    assert play.is_shown("205.00")


async def test_a_card_unpinned_by_hand_is_pinned_again_only_after_a_restart(play: Play) -> None:
    await play.run_for(10)
    play.phone.unpin()
    await play.run_for(60, is_moving=True)
    assert play.phone.count("pinChatMessage") == 1
    await play.restart()
    await play.run_for(60, is_moving=True)
    assert play.phone.count("pinChatMessage") == 2
    assert play.phone.count("sendMessage") == 1


async def test_a_deleted_card_is_replaced_by_one_new_card_and_kept_from_then_on(play: Play) -> None:
    await play.run_for(10)
    play.phone.cards.clear()
    await play.run_for(60, is_moving=True)
    assert play.phone.count("sendMessage") == 2
    assert play.phone.count("pinChatMessage") == 2
    assert list(play.phone.cards) == [play.phone.pinned]
    assert play.phone.is_silent == [True] * 4
    await play.restart()
    await play.run_for(20)
    assert play.phone.count("sendMessage") == 2


async def test_a_card_that_may_not_be_edited_is_replaced(play: Play) -> None:
    await play.run_for(10)
    play.phone.troubles = [(400, "Bad Request: message can't be edited", 0)]
    play.move("205.00")
    await play.run_for(10)
    assert play.phone.count("sendMessage") == 2
    assert play.phone.pinned == max(play.phone.cards)


async def test_telegram_is_given_the_patience_it_asks_for(play: Play) -> None:
    await play.run_for(10)
    play.phone.troubles = [(429, "Too Many Requests: retry after 30", 30)]
    await play.run_for(31, is_moving=True)
    assert play.phone.count("editMessageText") == 1
    await play.run_for(2, is_moving=True)
    assert play.phone.count("editMessageText") == 2


async def test_ten_minutes_without_telegram_leave_one_edit_and_two_lines_of_log(
    play: Play, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.card")
    await play.run_for(10)
    play.phone.is_away = True
    await play.run_for(600, is_moving=True)
    assert len(play.phone.edited_at) <= 45
    play.phone.is_away = False
    tried = len(play.phone.edited_at)
    play.move("205.00")
    await play.run_for(120)
    assert len(play.phone.edited_at) == tried + 1
    assert play.is_shown("205.00")
    assert [record.message for record in caplog.records] == [
        "the card waits for NetworkError",
        "the card is shown again",
    ]


async def test_an_edit_whose_answer_was_lost_is_not_taken_for_the_last_word(play: Play) -> None:
    play.move("201.00")
    await play.run_for(10)
    play.phone.troubles = [TimedOut()]
    play.move("205.00")
    await play.run_for(1)
    assert play.is_shown("205.00")
    play.move("201.00")
    await play.run_for(30)
    assert play.is_shown("201.00")


async def test_after_a_lost_answer_to_a_new_card_another_follows_a_minute_later(
    play: Play,
) -> None:
    play.phone.troubles = [TimedOut()]
    await play.run_for(59, is_moving=True)
    assert play.phone.count("sendMessage") == 1
    await play.run_for(60, is_moving=True)
    assert play.phone.count("sendMessage") == 2
    assert play.phone.pinned == max(play.phone.cards)


async def test_a_blocked_bot_tries_again_after_ten_minutes(play: Play) -> None:
    play.phone.troubles = [(403, "Forbidden: bot was blocked by the user", 0)]
    await play.run_for(599, is_moving=True)
    assert play.phone.methods == ["sendMessage"]
    await play.run_for(10, is_moving=True)
    assert play.phone.count("sendMessage") == 2


async def test_a_pin_that_failed_is_tried_again_and_one_refused_for_good_is_not(play: Play) -> None:
    await play.run_for(1)
    play.phone.unpin()
    await play.restart()
    play.phone.troubles = [NetworkError("the edit"), NetworkError("again")]
    await play.run_for(120)
    assert play.phone.pinned == max(play.phone.cards)
    play.phone.unpin()
    await play.restart()
    play.phone.troubles = [
        (400, "Bad Request: message is not modified", 0),
        (400, "Bad Request: message to pin not found", 0),
    ]
    await play.run_for(120)
    assert play.phone.count("pinChatMessage") == 2


async def test_a_store_that_cannot_be_read_never_makes_a_second_card(play: Play) -> None:
    await play.run_for(10)
    play.stage.values.trouble = JournalFailed("disk")
    await play.restart()
    await play.run_for(60, is_moving=True)
    assert play.phone.count("sendMessage") == 1
    play.stage.values.trouble = None
    await play.run_for(60, is_moving=True)
    assert play.phone.count("sendMessage") == 1
    assert play.phone.count("editMessageText") >= 1


async def test_a_store_that_cannot_be_written_gets_the_card_later(play: Play) -> None:
    await play.card.load()
    play.stage.values.trouble = JournalFailed("disk")
    await play.run_for(60, is_moving=True)
    play.stage.values.trouble = None
    await play.run_for(60, is_moving=True)
    assert play.phone.count("sendMessage") == 1
    assert play.stage.values.held[f"chat.card.{OWNER}"] == str(play.phone.pinned)


async def test_a_book_that_cannot_be_read_is_said_on_the_card(play: Play) -> None:
    play.stage.control.trouble = JournalFailed("disk")
    await play.run_for(10)
    assert "장부를 읽지 못함" in play.phone.text


async def test_the_stop_is_the_last_thing_the_card_shows(play: Play) -> None:
    await play.run_for(10)
    await post_stop(play.stage.app)
    await play.run_for(60, is_moving=True)
    (card,) = (text for text in play.phone.cards.values() if "📌" in text)
    assert "꺼져 있음" in card
    assert play.phone.methods[3:] == ["sendMessage", "editMessageText"]


async def test_a_stop_without_telegram_or_before_the_first_card_harms_nothing(play: Play) -> None:
    await play.card.close()
    assert play.phone.methods == []
    await play.restart()
    await play.run_for(10)
    play.phone.is_away = True
    await post_stop(play.stage.app)
    assert play.phone.count("sendMessage") == 2


async def test_no_lost_alert_is_ever_looked_for_in_the_card(play: Play) -> None:
    await play.run_for(10)
    card_id = max(play.phone.cards)
    ids = chat_of(play.stage.app).speaker.ids
    ids.note(card_id - 1)
    assert card_id not in (ids.candidates(card_id - 1) or ())
    async with staged() as later:
        later.values.held = play.stage.values.held
        await chat_of(later.app).card.load()
        fresh = chat_of(later.app).speaker.ids
        fresh.note(card_id - 1)
        assert card_id not in (fresh.candidates(card_id - 1) or ())
        fresh.note(card_id)
        assert fresh.newest == card_id - 1  # an old message says nothing of the newest


async def test_the_bots_own_pin_is_no_stranger(play: Play) -> None:
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Dolpa"}
    body = play.stage.message("x", OWNER, **{"from": bot})
    assert await play.stage.give({"message": {**body, "pinned_message": body}}) == []


async def test_the_start_is_told_before_the_card(play: Play) -> None:
    news = News(chat_of(play.stage.app))
    running = [asyncio.create_task(news.run()), asyncio.create_task(news.until_greeted())]
    await running[1]
    assert play.phone.methods == ["sendMessage"]
    assert "Dolpa" in play.phone.text
    running[0].cancel()


async def test_the_service_looks_on_for_ever(play: Play) -> None:
    running = asyncio.create_task(play.card.run())
    await until(lambda: play.stage.watch.elapsed > 20)
    play.move("205.00")
    await until(lambda: play.phone.count("editMessageText"))
    running.cancel()
    assert set(play.stage.watch.pauses) == {1.0}
