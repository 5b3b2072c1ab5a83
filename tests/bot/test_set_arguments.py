"""What stands behind /set KEY: an amount in parts, and the stock a target is for."""

from __future__ import annotations

import pytest

from engine.model.ids import Symbol
from tests.bot.samples import AAPL
from tests.bot.stage import reply_to, staged


async def test_an_amount_of_won_may_have_blanks() -> None:
    async with staged() as stage:
        await reply_to(stage, "/set max_order 1억 5000만")
        assert stage.control.asked[0][1:4] == ("max_order", "1억5000만", None)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        *(("200 만", "200만"), ("200만 원", "200만원"), ("1억 5천만 원", "1억5천만원")),
        *(("1억 5000 만 원", "1억5000만원"), ("2000000 원", "2000000원")),
    ],
)
async def test_the_parts_of_an_amount_are_one(typed: str, value: str) -> None:
    async with staged() as stage:
        await reply_to(stage, f"/set max_order {typed}")
        assert stage.control.asked[0][1:4] == ("max_order", value, None)


@pytest.mark.parametrize("typed", ["5 200만", "5 200 만", "1억 5 200만", "5 2000000"])
async def test_two_amounts_are_not_one(typed: str) -> None:
    async with staged() as stage:
        await reply_to(stage, f"/set max_order {typed}")
        assert stage.control.asked == []


async def test_taking_back_says_nothing_of_what_is_not_held() -> None:
    async with staged() as stage:
        assert "보유한 종목이 아닙니다" in await reply_to(stage, "/set target NVDA 4")
        assert "보유한 종목이 아닙니다" not in await reply_to(stage, "/set target NVDA off")


async def test_a_target_is_for_no_korean_stock() -> None:
    async with staged() as stage:
        stage.control.names["애플"] = (Symbol("005930"), AAPL)
        await reply_to(stage, "/set target 애플 4")
        assert stage.control.asked[0][3] == AAPL
