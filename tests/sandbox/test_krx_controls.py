"""The controls and switches on the Korean side."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from sandbox.faults import Faults
from sandbox.http import Running
from sandbox.krx.account import DEFAULT_FEE_PCT
from sandbox.model import Server
from sandbox.switches import SWITCHES, Switches
from tests.sandbox.krx_every_second import BUSY, served

SYMBOL = BUSY.symbol


@dataclass
class Hand:
    """A running sandbox whose clock stands at 10:00:02 in Korea, and the controls over HTTP."""

    running: Running
    http: aiohttp.ClientSession

    async def post(self, name: str, **fields: object) -> dict[str, object]:
        async with self.http.post(f"{self.running.url}/sandbox/{name}", json=fields) as reply:
            answer: dict[str, object] = await reply.json()
            assert reply.status == (400 if "error" in answer else 200)
            return answer

    async def get(self, name: str) -> Any:
        async with self.http.get(f"{self.running.url}/sandbox/{name}") as reply:
            return await reply.json()

    async def wait(self, seconds: float = 3) -> None:
        """Let the market play on; the stage's clock does not run by itself."""
        world = self.running.world
        await world.jump(world.clock.now() + timedelta(seconds=seconds))


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    async with served(time(10)) as running, aiohttp.ClientSession() as http:
        stage = Hand(running, http)
        await stage.wait(2)
        yield stage


async def test_a_buy_by_hand_fills_in_the_korean_books_alone(hand: Hand) -> None:
    placed = await hand.post("buy", symbol=SYMBOL, qty=3)
    assert (placed["division"], placed["media"], placed["exchange"]) == ("01", "모바일", "KRX")
    await hand.wait()
    books = await hand.get("books")
    korean = books["real"]["krx"]
    assert korean["holdings"][SYMBOL]["qty"] == 3
    assert books["real"]["holdings"] == {}
    assert books["paper"]["krx"]["holdings"] == {}
    cost = 3 * Decimal(korean["holdings"][SYMBOL]["average"])
    fee = cost * DEFAULT_FEE_PCT // 100
    assert Decimal(korean["cash"]) == Decimal(50_000_000) - cost - fee


async def test_a_sell_on_paper_needs_shares_that_the_hand_can_put_there(hand: Hand) -> None:
    sale = {"side": "sell", "symbol": SYMBOL, "qty": 4, "server": "paper"}
    assert await hand.post("order", **sale) == {"error": "refused: not enough sellable shares"}
    held = await hand.post("holding", symbol=SYMBOL, qty=4, average=70_000, server="paper")
    assert held[SYMBOL] == {
        "qty": 4,
        "average": "70000.0000",
        "exchange": "KRX",
        "sellable": 4,
    }
    assert (await hand.post("order", **sale))["side"] == "sell"
    await hand.wait()
    assert hand.running.world.krx.books.accounts[Server.PAPER].held(SYMBOL) == 0


async def test_a_price_off_tick_is_refused_in_words(hand: Hand) -> None:
    off = await hand.post("buy", symbol=SYMBOL, qty=1, limit=71_401)
    assert off == {"error": "refused: off tick"}


async def test_a_nudge_and_a_drift_move_the_korean_price(hand: Hand) -> None:
    market = hand.running.world.krx.market
    before = market.price(SYMBOL)
    assert (await hand.post("nudge", symbol=SYMBOL, pct=2))["pct"] == "2"
    await hand.wait()
    nudged = market.price(SYMBOL)
    assert Decimal("1.015") < nudged / before < Decimal("1.025")
    await hand.post("drift", symbol=SYMBOL, pct=1, seconds=10)
    await hand.wait(20)
    assert Decimal("1.005") < market.price(SYMBOL) / nudged < Decimal("1.015")


async def test_a_halt_stops_the_symbol_until_it_is_lifted(hand: Hand) -> None:
    assert await hand.post("halt", symbol=SYMBOL, on=True) == {"symbol": SYMBOL, "halted": True}
    last = hand.running.world.krx.market.last(SYMBOL)
    assert await hand.post("buy", symbol=SYMBOL, qty=1) == {"error": "refused: symbol halted"}
    await hand.wait(10)
    assert hand.running.world.krx.market.last(SYMBOL) == last
    assert (await hand.get("state"))["quotes"][SYMBOL]["halted"] is True
    assert (await hand.post("halt", symbol=SYMBOL, on=False))["halted"] is False
    await hand.wait(10)
    assert hand.running.world.krx.market.last(SYMBOL) != last


async def test_a_volatility_interruption_begins_and_ends_by_hand(hand: Hand) -> None:
    assert (await hand.post("vi", symbol=SYMBOL, on=True))["vi"] is True
    assert (await hand.get("state"))["quotes"][SYMBOL]["vi"] is True
    await hand.post("buy", symbol=SYMBOL, qty=1)
    await hand.wait(10)
    account = hand.running.world.krx.books.accounts[Server.REAL]
    assert account.held(SYMBOL) == 0  # it waits for the auction
    assert (await hand.post("vi", symbol=SYMBOL, on=False))["vi"] is False
    await hand.wait(10)
    assert account.held(SYMBOL) == 1


async def test_no_interruption_outside_continuous_trading(hand: Hand) -> None:
    await hand.wait(6 * 3600)
    answer = await hand.post("vi", symbol=SYMBOL, on=True)
    assert answer == {"error": "a volatility interruption needs continuous trading"}


@pytest.mark.parametrize("name", ["halt", "vi"])
async def test_halts_and_interruptions_are_korean_and_take_a_flag(hand: Hand, name: str) -> None:
    assert await hand.post(name, symbol="AAPL", on=True) == {"error": "no KRX listing for AAPL"}
    assert await hand.post(name, symbol=SYMBOL, on="yes") == {"error": "on: want true or false"}


@pytest.mark.parametrize("name", ["nudge", "drift"])
async def test_an_unknown_symbol_belongs_to_no_market(hand: Hand, name: str) -> None:
    answer = await hand.post(name, symbol="899999", pct=1, seconds=1)
    assert answer == {"error": "no listing for 899999"}


async def test_the_state_quotes_both_markets_by_symbol(hand: Hand) -> None:
    state = await hand.get("state")
    assert state["quotes"][SYMBOL] == {
        "exchange": "KRX",
        "name": BUSY.name,
        "prev_close": str(BUSY.base_price),
        "last": str(BUSY.base_price),
        "bid": "71400",
        "ask": "71500",
        "volume": hand.running.world.krx.market.last(SYMBOL).cum_volume,  # type: ignore[union-attr]  # it has traded
        "halted": False,
        "vi": False,
    }
    assert state["books"]["real"]["krx"]["cash"] == "50000000"


@pytest.mark.parametrize("path", ["/trading/order", "/trading/order-cash"])
def test_the_next_order_of_either_market_loses_its_answer_once(path: str) -> None:
    faults = Faults()
    switches = Switches(faults, lambda: None)
    switches.turn_on("answer")
    assert faults.take("rest", "/uapi/x/trading/order-rvsecncl", "reset_after") is None
    assert faults.take("rest", "/uapi/x" + path, "reset_after") is not None
    for each in ("/trading/order", "/trading/order-cash"):
        assert faults.take("rest", "/uapi/x" + each, "reset_after") is None
    assert switches.state("answer") == "struck"


@pytest.mark.parametrize(
    ("name", "channel", "target", "kind"),
    [
        ("notices", "ws", "H0STCNI0", "lost"),
        ("account", "rest", "TTTC8434R", "account_failing"),
        ("slow", "rest", "TTTC0012U", "slow"),
    ],
)
def test_a_switch_strikes_domestic_calls_too(
    name: str, channel: str, target: str, kind: str
) -> None:
    faults = Faults()
    Switches(faults, lambda: None).turn_on(name)
    assert faults.take(channel, target, kind) in SWITCHES[name].faults
