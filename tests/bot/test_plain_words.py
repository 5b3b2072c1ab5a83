"""Plain words: those of stopping stop, those of selling lead to what asks, names to /why."""

from __future__ import annotations

import asyncio
import unicodedata
from dataclasses import replace

import pytest

from bot.format.command_list import COMMANDS
from bot.format.stop_words import is_stop
from bot.plain_words import sale_wish
from engine.errors import JournalFailed
from engine.model.commands import SellNow
from engine.model.ids import Qty, Symbol
from tests.bot.krx_samples import SAMSUNG, krx_position, krx_view, why_view, with_krx
from tests.bot.samples import AAPL, position, status_view, us_view
from tests.bot.stage import OWNER, STRANGER, Call, Stage, press, reply_to, staged, until

STOPS = [
    *("멈춰", "멈춰라", "정지", "스톱", "stop", "Stop", "HALT", "멈춰!", "정지!!", " 멈춰. "),
    *("그만", "그만해", "그만해줘", "종료", "꺼", "봇 꺼", "프로그램 종료", "멈추세요"),
    *("멈춰 주세요", "멈춰줘", "멈춰요", "중지해 주세요", "멈춰 멈춰"),
    *("전부 멈춰", "다 멈춰", "빨리 멈춰", "지금당장멈춰"),
    *("please stop", "stop now", "stop all", "Stop it, please", "stop the bot", "stop stop stop"),
    *("멈춰！", "ｓｔｏｐ", "stop,", "stop🛑", "🛑 멈춰", "/ stop", "/멈춰", "/halt", "stop?"),
    unicodedata.normalize("NFD", "멈춰"),
]
# Stopping may be meant, and another thing, too.
PERHAPS_STOPS = [
    *("거래 중지", "거래 정지", "매매 중지", "매매중지해줘", "제발 매매 멈춰줘"),
    *("stop trading", "stop loss", "정지 화면", "멈춰 봐 AAPL", "그만 팔아", "AAPL 팔아 그만"),
    *("알림 꺼", "거래 꺼", "/pausee stop"),
    unicodedata.normalize("NFD", "거래 정지"),
]


def with_both(stage: Stage) -> None:
    krx = replace(krx_view(), positions=(krx_position(),))
    stage.control.view = with_krx(status_view(), krx)
    stage.control.called = {SAMSUNG: "삼성전자"}
    stage.control.names |= {"삼성전자": (SAMSUNG,), "005930": (SAMSUNG,)}
    stage.control.why_views = {SAMSUNG: why_view()}


async def only(stage: Stage, text: str) -> Call:
    (call,) = await stage.type(text)
    return call


@pytest.mark.parametrize("word", STOPS)
async def test_words_of_stopping_are_the_word_stop(word: str) -> None:
    async with staged() as stage:
        said, known = await only(stage, word), await only(stage, "중지")
        assert said.text == known.text
        assert list(said.buttons()) == list(known.buttons()) != []
        assert stage.control.asked == []


@pytest.mark.parametrize("word", ["멈춰", "halt"])
async def test_words_of_stopping_obey_no_stranger(word: str) -> None:
    async with staged() as stage:
        calls = await stage.type(word, STRANGER)
        assert not any(int(call.fields.get("chat_id", 0)) == STRANGER for call in calls)
        assert not any(call.buttons() for call in calls)


async def test_words_of_stopping_wait_for_no_other_answer() -> None:
    async with staged() as stage:
        hangs, first = asyncio.Event(), list[Call]()

        async def hang_first(call: Call) -> None:
            if not first:
                first.append(call)
                await hangs.wait()

        stage.sent.rule = hang_first
        await stage.start({"message": stage.message("/status", OWNER)})
        await until(lambda: first)
        await stage.start({"message": stage.message("멈춰", OWNER)})
        await until(lambda: any("무엇을 멈출까요" in call.text for call in stage.sent.calls))
        hangs.set()
        await stage.settle()


def test_every_word_of_stop_says_stop() -> None:
    (stop,) = (command for command in COMMANDS if command.name == "stop")
    assert all(map(is_stop, stop.words))
    others = [word for one in COMMANDS if one is not stop for word in (one.name, *one.words)]
    assert not any(map(is_stop, others))


@pytest.mark.parametrize("text", PERHAPS_STOPS)
async def test_a_stop_word_among_others_is_one_press_from_the_menu(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "모르는 말" in call.text
        assert "혹시: /stop\n" in call.text
        assert list(call.buttons()) == ["멈추기: 고르기"]
        assert await press(stage, "멈추기: 고르기") == await reply_to(stage, "중지")
        assert stage.control.asked == []


async def test_the_way_to_the_menu_needs_no_store() -> None:
    async with staged() as stage:
        stage.nonces.trouble = JournalFailed("disk")
        assert "멈추기: 고르기" in (await only(stage, "거래 중지")).buttons()
        assert "무엇을 멈출까요" in await press(stage, "멈추기: 고르기")


@pytest.mark.parametrize("text", ["중지하지 마", "그만큼 올랐나", "nonstop", "내꺼"])
async def test_words_that_only_look_like_stopping_are_no_command(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "모르는 말" in call.text
        assert not is_stop(text)
        assert stage.control.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "AAPL 팔아",
        "aapl 팔아줘!",
        "팔아 AAPL",
        "AAPL을 팔아",
        "AAPL 매도",
        "AAPL 전부 팔아",
        "sell AAPL",
    ],
)
async def test_words_of_selling_offer_a_button_that_asks_first(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "혹시: <code>/sell " in call.text
        assert list(call.buttons()) == ["AAPL 팔기", "취소"]
        asked = await press(stage, "AAPL 팔기")
        assert asked == await reply_to(stage, "/sell AAPL")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, None), OWNER)]


async def test_letters_in_pieces_are_the_same_words() -> None:
    async with staged() as stage:
        pieces = unicodedata.normalize("NFD", "AAPL 팔아")
        assert list((await only(stage, pieces)).buttons()) == ["AAPL 팔기", "취소"]
        pieces = unicodedata.normalize("NFD", "상태！")
        assert await reply_to(stage, pieces) == await reply_to(stage, "/status")


async def test_a_part_that_is_named_is_a_part_of_the_sale() -> None:
    async with staged() as stage:
        assert "/sell AAPL 50%" in (await only(stage, "AAPL 절반 팔아")).text
        assert await press(stage, "AAPL 50% 팔기") == await reply_to(stage, "/sell AAPL 50%")
        await only(stage, "AAPL 3주 팔아")
        await press(stage, "AAPL 3주 팔기")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [(SellNow(AAPL, Qty(3)), OWNER)]


async def test_a_korean_stock_is_called_by_its_name() -> None:
    async with staged() as stage:
        with_both(stage)
        await only(stage, "삼성전자를 팔아")
        assert "삼성전자" in await press(stage, "삼성전자 005930 팔기")
        assert stage.control.asked == []


@pytest.mark.parametrize(
    "text",
    [
        *("매도 3", "3 팔아", "0 팔아", "청산 0", "3주 팔아", "3을 팔아", "절반 팔아"),
        *("a 팔아", "A를 팔아"),
    ],
)
async def test_a_figure_or_a_letter_names_no_stock(text: str) -> None:
    async with staged() as stage:
        for name in ("3", "0", "3주", "50%", "a"):
            stage.control.names[name] = (AAPL,)  # as names that begin with it would be found
        call = await only(stage, text)
        assert call.buttons() == {}
        assert "/sell\n" in call.text


async def test_a_code_and_a_letter_that_is_a_ticker_name_their_stock() -> None:
    async with staged() as stage:
        with_both(stage)
        assert "삼성전자 005930 팔기" in (await only(stage, "005930 손절")).buttons()
        assert "삼성전자 005930 팔기" in (await only(stage, "005930을 손절")).buttons()
        ford = Symbol("F")
        us = replace(us_view(), positions=(position(symbol=ford),))
        stage.control.view = replace(status_view(), us=us)
        stage.control.names |= {"f": (ford,)}
        assert list((await only(stage, "f 팔아")).buttons()) == ["F 팔기", "취소"]


@pytest.mark.parametrize("text", ["손절 3", "AAPL 손절 2%", "AAPL 손절 -2", "210달러에 손절"])
async def test_a_level_of_the_stop_loss_leads_to_its_setting(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "혹시: <code>/set 손절</code>, /sell\n" in call.text
        assert call.buttons() == {}


async def test_a_stop_loss_of_a_named_part_is_a_sale_of_it() -> None:
    async with staged() as stage:
        assert "AAPL 3주 팔기" in (await only(stage, "AAPL 3주 손절")).buttons()
        assert "AAPL 50% 팔기" in (await only(stage, "AAPL 절반 손절")).buttons()


@pytest.mark.parametrize("amount", ["200달러에", "0", "0주", "999999", "101%", "3.5"])
async def test_an_amount_that_sell_refuses_is_not_offered(amount: str) -> None:
    async with staged() as stage:
        call = await only(stage, f"AAPL {amount} 팔아")
        assert call.buttons() == {}
        assert "혹시: /sell\n" in call.text


async def test_a_stock_that_is_only_listed_is_not_offered() -> None:
    async with staged() as stage:
        stage.control.names["삼성전자"] = (SAMSUNG,)
        call = await only(stage, "삼성전자 팔아")
        assert call.buttons() == {}
        assert "혹시: /sell\n" in call.text


async def test_a_name_behind_a_slash_is_a_command_nobody_knows() -> None:
    async with staged() as stage:
        with_both(stage)
        call = await only(stage, "/삼성전자")
        assert "모르는 말" in call.text
        assert call.buttons() == {}


@pytest.mark.parametrize("text", ["전부 팔아", "다 팔아", "전부팔아", "모두 매도", "sell all"])
async def test_selling_everything_leads_to_sellall(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "혹시: /sellall" in call.text
        assert call.buttons() == {}
        assert stage.control.asked == []


@pytest.mark.parametrize("text", ["팔아", "매도", "없는종목 팔아", "sell", "/팔아"])
async def test_selling_what_is_not_held_leads_to_the_list(text: str) -> None:
    async with staged() as stage:
        call = await only(stage, text)
        assert "혹시: /sell\n" in call.text
        assert call.buttons() == {}
        assert stage.control.asked == []


@pytest.mark.parametrize(
    "text",
    [
        "AAPL 팔지 마",
        "매도하지 마",
        "매도 하지 마",
        "매도 금지",
        "아직 안 팔아",
        "팔 수 있어?",
        "x" * 99,
    ],
)
def test_words_against_a_sale_offer_none(text: str) -> None:
    assert sale_wish(text) is None


@pytest.mark.parametrize("tail", ["삼성전자", "삼성전자?", "005930"])
async def test_why_is_asked_without_a_slash(tail: str) -> None:
    async with staged() as stage:
        with_both(stage)
        said = await reply_to(stage, f"왜 {tail}")
        assert "78.5점" in said
        assert said == await reply_to(stage, f"/why {tail.rstrip('?')}")
        assert await reply_to(stage, "왜?") == await reply_to(stage, "/why")


async def test_a_name_alone_leads_to_why_and_positions() -> None:
    async with staged() as stage:
        with_both(stage)
        call = await only(stage, "삼성전자")
        assert "혹시: <code>/why 삼성전자</code>, /positions" in call.text
        assert "78.5점" in await press(stage, "왜? 삼성전자 005930")
        call = await only(stage, "AAPL")
        assert "혹시: /positions" in call.text
        assert call.buttons() == {}


async def test_why_of_a_us_share_says_where_those_are() -> None:
    async with staged() as stage:
        with_both(stage)
        for typed in ("/why AAPL", "/lock AAPL"):
            text = await reply_to(stage, typed)
            assert "AAPL: 미국 주식입니다" in text
            assert "/positions, /status" in text
        text = await reply_to(stage, "/why tsla")
        assert "모르는 국내 종목" in text
        assert "미국 주식은 /positions, /status" in text
        assert "살피는 종목" not in text


async def test_a_command_of_other_programs_leads_to_ours() -> None:
    async with staged() as stage:
        assert "혹시: /status" in await reply_to(stage, "/health")


async def test_the_list_is_named_once() -> None:
    async with staged() as stage:
        assert (await reply_to(stage, "/halp")).count("/help") == 1
