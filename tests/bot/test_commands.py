"""What looking and selling ask of the engine, and what they say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.format.command_list import BY_WORD, COMMANDS
from engine.model.commands import (
    Answer,
    CancelOpenOrder,
    Choice,
    Pause,
    Refusal,
    SellNow,
)
from engine.model.ids import ClientOrderId, DeskName, Mode, Qty, QuestionId, Symbol
from engine.model.views import LotState, SettingView
from tests.bot.samples import AAPL, MSFT, position, question, us_view
from tests.bot.stage import OWNER, Call, press, reply_to, staged


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
async def test_every_listed_command_is_answered_and_changes_nothing_by_itself(name: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, f"/{name}")
        assert text.startswith("<b>[모의실행]</b> ")
        assert "모르는 말" not in text
        assert stage.control.asked == ([(Pause(), OWNER)] if name == "pause" else [])


@pytest.mark.parametrize(("word", "name"), list(BY_WORD.items()))
async def test_korean_words_do_what_their_command_does(word: str, name: str) -> None:
    async with staged() as stage:
        assert await reply_to(stage, word) == await reply_to(stage, f"/{name}")


async def test_a_word_inside_a_sentence_is_no_command() -> None:
    async with staged() as stage:
        assert "모르는 말" in await reply_to(stage, "재개 하지 마")


@pytest.mark.parametrize(
    ("typed", "meant"), [("/statsu", "/stat"), ("/positon", "/positions"), ("상테", "/status")]
)
async def test_an_unknown_command_is_answered_with_the_nearest(typed: str, meant: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, typed)
        assert "모르는 말" in text
        assert meant in text


async def test_capital_letters_are_the_same_command_and_answered_once() -> None:
    async with staged() as stage:
        assert "상태" in await reply_to(stage, "/STATUS")


@pytest.mark.parametrize(
    "text", ["/trades x", "/trades 0", "/trades 31", "/trades 1 2", "/trades ²"]
)
async def test_a_wrong_number_of_trades_is_answered_with_an_example(text: str) -> None:
    async with staged() as stage:
        assert "/trades 20" in await reply_to(stage, text)


async def test_ask_kis_reads_the_account_and_offers_itself_again() -> None:
    async with staged() as stage:
        assert "3분 전" in await reply_to(stage, "/balance")
        assert stage.control.asked == []
        assert "잔고" in await press(stage, "KIS 조회")
        assert stage.control.asked == [("refresh",)]
        stage.control.can_refresh = False
        assert "조회 실패" in await press(stage, "KIS 조회")


@pytest.mark.parametrize(
    ("amount", "qty"),
    [
        ("", None),
        (" 5", Qty(5)),
        (" 5주", Qty(5)),
        (" 50%", Qty(6)),
        (" 12.5%", Qty(1)),
        (" 100%", Qty(12)),
    ],
)
async def test_sell_takes_shares_or_a_part(amount: str, qty: Qty | None) -> None:
    async with staged() as stage:
        await reply_to(stage, f"/sell 애플{amount}")
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, qty), OWNER)]


@pytest.mark.parametrize("amount", ["0", "13", "1%", "101%", "-5", "5.5", "5x", "0%", "²"])
async def test_an_amount_that_cannot_be_sold_is_refused_with_an_example(amount: str) -> None:
    async with staged() as stage:
        text = await reply_to(stage, f"/sell AAPL {amount}")
        assert "확인" not in stage.told[-1].buttons()
        assert "예:" in text
        assert stage.control.asked == []


async def test_an_ambiguous_name_is_answered_with_buttons_that_ask_again() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sell 소프트 2")
        await press(stage, "MSFT")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(MSFT, Qty(2)), OWNER)]


async def test_an_unknown_symbol_is_answered_with_what_is_held() -> None:
    async with staged() as stage:
        assert "AAPL, MSFT" in await reply_to(stage, "/sell NOPE")


async def test_sell_without_a_symbol_offers_the_positions() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sell")
        assert list(stage.told[-1].buttons()) == ["AAPL", "MSFT", "취소"]


async def test_a_refused_sale_says_why() -> None:
    async with staged() as stage:
        stage.control.refusal = Refusal.MARKET_CLOSED
        await reply_to(stage, "/sell AAPL")
        assert "주문을 받지 않는 시간" in await press(stage, "확인")


async def test_sellall_leaves_excluded_holdings_alone() -> None:
    async with staged() as stage:
        text = await reply_to(stage, "/sellall")
        assert "1개 종목은 팔지 않습니다" in text
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]


async def test_sellall_sells_what_was_shown_not_what_came_later() -> None:
    async with staged() as stage:
        await reply_to(stage, "/sellall")
        later = replace(us_view(), positions=(position(), position(Symbol("NEW"), "새것")))
        stage.control.view = replace(stage.control.view, us=later)
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]


async def test_sellall_with_nothing_to_sell_offers_no_button() -> None:
    async with staged() as stage:
        only = (replace(position(), state=LotState.EXCLUDED),)
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=only))
        assert "없습니다" in await reply_to(stage, "/sellall")
        assert stage.told[-1].buttons() == {}


@pytest.mark.parametrize("number", ["30112345", "0030112345", "us-20260706-1"])
async def test_an_order_is_cancelled_by_either_number(number: str) -> None:
    async with staged() as stage:
        assert "✅" in await reply_to(stage, f"/cancel {number}")
        cancelled = CancelOpenOrder(ClientOrderId("us-20260706-1"))
        assert stage.control.asked == [(cancelled, OWNER)]


async def test_an_unknown_order_asks_the_desk_nothing() -> None:
    async with staged() as stage:
        assert "그런 주문이 없습니다" in await reply_to(stage, "/cancel 999")
        assert stage.control.asked == []


async def test_the_badge_says_where_quotes_come_from() -> None:
    async with staged() as stage:
        stage.control.view = replace(
            stage.control.view, modes={DeskName.US: Mode.PAPER}, badge_note="실시세 <KIS>"
        )
        assert (await reply_to(stage, "/orders")).startswith(
            "<b>[모의투자 · 실시세 &lt;KIS&gt;]</b> "
        )


async def test_a_disabled_desk_is_said_not_guessed() -> None:
    async with staged() as stage:
        stage.control.view = replace(stage.control.view, us=None)
        for name in ("status", "positions", "resume"):
            assert "꺼져 있" in await reply_to(stage, f"/{name}")


async def test_open_questions_can_be_answered_under_the_positions() -> None:
    async with staged() as stage:
        stage.control.view = replace(
            stage.control.view, us=replace(us_view(), questions=(question(),))
        )
        await reply_to(stage, "포지션")
        assert list(stage.told[-1].buttons()) == ["AAPL 관리", "AAPL 제외", "KIS 조회"]
        assert "AAPL 관리" in await press(stage, "AAPL 관리")
        assert stage.control.asked == [(Answer(QuestionId("q1"), Choice.MANAGE), OWNER)]


async def test_cancel_without_a_number_offers_the_open_orders() -> None:
    async with staged() as stage:
        await reply_to(stage, "/cancel")
        await press(stage, "AAPL 30112345")
        cancelled = CancelOpenOrder(ClientOrderId("us-20260706-1"))
        assert stage.control.asked == [(cancelled, OWNER)]


async def test_sellall_goes_on_after_a_symbol_without_an_answer() -> None:
    async with staged() as stage:
        both = (position(), position(MSFT, "마이크로소프트"))
        stage.control.view = replace(stage.control.view, us=replace(us_view(), positions=both))
        await reply_to(stage, "/sellall")
        stage.control.trouble = TimeoutError()
        assert (await press(stage, "확인")).count("답이 없습니다") == 2
        assert len(stage.control.asked) == 2


@pytest.mark.parametrize(
    "text", ["/pause asia", "/resume now", "/sellall now", "/cancel 1 2", "/lang fr"]
)
async def test_words_that_do_not_belong_there_are_answered_with_an_example(text: str) -> None:
    async with staged() as stage:
        assert "예:" in await reply_to(stage, text)
        assert stage.control.asked == []


async def test_a_desk_that_does_not_answer_a_command_is_said() -> None:
    async with staged() as stage:
        stage.control.trouble = TimeoutError()
        assert "답이 없습니다" in await reply_to(stage, "/pause")


async def test_a_reply_waits_when_telegram_asks_for_patience() -> None:
    async with staged() as stage:
        busy = [
            {"ok": False, "error_code": 429, "description": "x", "parameters": {"retry_after": 3}}
        ]

        async def once(_call: Call) -> tuple[int, dict[str, Any]] | None:
            return (429, busy.pop()) if busy else None

        stage.sent.rule = once
        assert len(await stage.type("/status")) == 2
        assert stage.watch.pauses == [3.5]


@pytest.mark.parametrize("lang", ["ko", "en"])
async def test_every_key_of_the_keyboard_is_understood(lang: str) -> None:
    async with staged() as stage:
        stage.values.held["chat.language"] = lang
        (call,) = await stage.type("/start")
        keys = [key["text"] for row in call.fields["reply_markup"]["keyboard"] for key in row]
        assert len(keys) == 6
        for key in keys:
            text = await reply_to(stage, key)
            assert "모르는 말" not in text
            assert "Unknown" not in text


async def test_config_shows_all_keys_in_several_messages() -> None:
    async with staged() as stage:
        row = SettingView("order_settings.some_key", "x" * 30, "file", "", "", settable=False)
        stage.control.setting_views = (row,) * 150
        calls = await stage.type("/config")
        assert len(calls) > 1
        assert sum(call.text.count("some_key") for call in calls) == 150


@pytest.mark.parametrize("typed", ["000150000", "31", "0", "9" * 4000, "-1"])
async def test_more_trades_than_allowed_are_not_read(typed: str) -> None:
    async with staged() as stage:
        assert "/trades 20" in await reply_to(stage, f"/trades {typed}")


@pytest.mark.parametrize("typed", ["/sell AAPL all", "/sell AAPL ALL", "/sell 애플 전량"])
async def test_all_of_a_holding_may_be_said_in_words(typed: str) -> None:
    async with staged() as stage:
        assert "전량" in await reply_to(stage, typed)
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]
