"""One excerpt of each day, played by real children."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path

import pytest

from sandbox.demo_verdict import judge
from tests.e2e.children import Json
from tests.e2e.stage import sandbox, started
from tests.e2e.trader import Sandbox, text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(90)]

# One stock of the busiest, and time enough for the way to KIS and back where seconds fly.
ONE_STOCK = """\
domestic:
  universe: {min_traded_value_krw: 20000000000}
  entry: {timeout_s: 60, max_quote_age_s: 60}
  exit: {reprice_after_s: 30}
risk: {max_positions: 1, max_trades: 1}
"""


@pytest.mark.long
async def test_a_buy_by_hand_is_seen_sold_and_told_in_order(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage, await started(stage) as bot:
        await stage.go_live()
        begun = (await stage.spoken())[-1]["message_id"]
        await stage.play(60)
        await stage.buy("AAPL", 5)
        await stage.lift("AAPL", 8.0, 120)
        await stage.until_said("애플 (AAPL) 매도 전량 체결 · 봇 매도", after=begun)
        await stage.play(1)
        assert await bot.stop() == 0

        said = [text_of(message) for message in await stage.spoken(begun)]
        assert_in_order(said, "매수 확인", "매도 주문 접수", "매도 전량 체결", "Dolpa 종료")
        assert all(text.startswith("[") for text in said), "a message without its mode badge"
        books, transcript = await stage.get("/sandbox/books"), await stage.transcript()
        verdict = judge(books, transcript, (), stage.data)
        assert verdict.us_sells == 1
        assert verdict.mismatches == ()


async def test_a_breakout_is_bought_explained_sold_and_told_in_order(tmp_path: Path) -> None:
    async with sandbox(tmp_path, start="09:04KST") as stage:
        stage.configure(ONE_STOCK)
        async with await started(stage) as bot:
            await stage.switch_korea_live()
            begun = (await stage.spoken())[-1]["message_id"]
            await stage.play(30)
            symbol, name = await first_entry(stage)
            await stage.until_said(f"{name} {symbol} 매수 결정", after=begun)
            asked = await stage.say(f"/why {name}")
            await stage.until_said("진입 때", after=asked)
            await stage.lift(symbol, 6.0, 60)
            await stage.until_said(f"{name} {symbol} 매도 전량 체결", after=begun)
            await stage.until(lambda: is_cash_told(stage), "the cash was not told")
            await stage.until(lambda: has_card(stage), "the trade was not drawn")
            await stage.play(1)
            assert await bot.stop() == 0

        said = [text_of(message) for message in await stage.spoken(begun)]
        alerts = (
            "매수 결정",
            "매수 주문 접수",
            "매수 전량 체결",
            "매도 주문 접수",
            "매도 전량 체결",
        )
        assert_in_order(said, *(f"{name} {symbol} {alert}" for alert in alerts), "Dolpa 종료")
        books, transcript = await stage.get("/sandbox/books"), await stage.transcript()
        verdict = judge(books, transcript, (), stage.data)
        assert verdict.krx_round_trips == 1
        assert verdict.mismatches == ()
        for what, tampered in tampered_with(books):
            assert judge(tampered, transcript, (), stage.data).mismatches, f"{what}: not noticed"


async def has_card(stage: Sandbox) -> bool:
    return any("photo" in message["content"] for message in await stage.spoken())


def tampered_with(books: Json) -> Iterator[tuple[str, Json]]:
    """The sandbox's books with one thing in each that did not happen."""

    def copied() -> tuple[Json, Json]:
        copy = deepcopy(books)
        return copy, copy["real"]["krx"]

    wrong = {"qty": 1, "filled": 1, "filled_value": "1", "symbol": "000000", "side": "sell"}
    for what, value in wrong.items():
        tampered, korean = copied()
        next(order for order in korean["orders"] if order["filled"])[what] = value
        yield what, tampered
    tampered, korean = copied()
    korean["orders"].pop(0)
    yield "order", tampered
    tampered, korean = copied()
    korean["holdings"]["000000"] = {"qty": 1, "average": "1"}
    yield "holding", tampered
    tampered, korean = copied()
    korean["cash"] = "1"
    yield "cash", tampered


def assert_in_order(said: list[str], *parts: str) -> None:
    story = [next(n for n, text in enumerate(said) if part in text) for part in parts]
    assert story == sorted(story)


async def first_entry(stage: Sandbox) -> tuple[str, str]:
    """Code and name of the stock the desk bought first."""

    async def look() -> str | None:
        orders = (await stage.get("/sandbox/books"))["real"]["krx"]["orders"]
        return next((order["symbol"] for order in orders if order["filled"]), None)

    symbol: str = await stage.until(look, "nothing was bought")
    return symbol, (await stage.get("/sandbox/state"))["quotes"][symbol]["name"]


async def is_cash_told(stage: Sandbox) -> bool:
    """Whether /balance says what the sandbox's books say by now."""
    asked = await stage.say("/balance krx")
    told = text_of(await stage.until_said("예수금", after=asked))
    cash = (await stage.get("/sandbox/books"))["real"]["krx"]["cash"]
    return f"예수금 {int(cash):,}원" in told
