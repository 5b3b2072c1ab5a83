"""Plain words: those of stopping stop, those of selling lead to what asks, names to /why."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.plain_words import sale_wish
from engine.model.commands import SellNow
from engine.model.ids import Qty
from tests.bot.krx_samples import SAMSUNG, krx_position, krx_view, why_view, with_krx
from tests.bot.samples import AAPL, status_view
from tests.bot.stage import OWNER, STRANGER, Call, Stage, press, reply_to, staged, until

STOPS = ["멈춰", "멈춰라", "정지", "스톱", "stop", "Stop", "HALT", "멈춰!", "정지!!", " 멈춰. "]


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


@pytest.mark.parametrize("text", ["멈춰 봐 AAPL", "정지 화면", "중지하지 마", "stop loss"])
async def test_a_stop_word_in_a_sentence_is_no_command(text: str) -> None:
    async with staged() as stage:
        assert "모르는 말" in await reply_to(stage, text)


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
