"""What the demo counts in the sandbox's books, and what it reads of the assistant's."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from sandbox.demo_books import round_trips, told_cash, written
from sandbox.demo_verdict import Verdict, is_chart
from tests.sandbox.telegram_loopback import png


def fill(order_no: str, side: str, qty: int, symbol: str = "810070") -> dict[str, object]:
    return {"order_no": order_no, "side": side, "qty": qty, "symbol": symbol}


def account(*fills: dict[str, object]) -> dict[str, object]:
    media = {"1": "OpenAPI", "2": "HTS"}
    orders = [{"order_no": number, "media": media[number]} for number in media]
    return {"orders": orders, "fills": list(fills)}


def test_a_round_trip_ends_with_the_last_share_and_may_come_again() -> None:
    bought, half = fill("1", "buy", 10), fill("1", "sell", 5)
    assert round_trips(account(bought, half)) == 0
    assert round_trips(account(bought, bought, half, half, half, half)) == 1
    assert round_trips(account(*(bought, half, half) * 2)) == 2


def test_what_a_person_traded_in_the_brokers_app_is_no_round_trip() -> None:
    by_hand = (fill("2", "buy", 10, "810090"), fill("2", "sell", 10, "810090"))
    assert round_trips(account(*by_hand, fill("1", "buy", 3))) == 0


def test_an_order_whose_answer_was_lost_has_the_number_it_was_found_under(tmp_path: Path) -> None:
    path = tmp_path / "live.db"
    orders = {"o1": {"broker_order_no": "0000117057"}, "o2": {"broker_order_no": None}}
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("CREATE TABLE snapshot_parts (desk, part, json)")
        made.execute("CREATE TABLE fills (desk, broker_order_no, qty, price, client_order_id)")
        made.execute(
            "CREATE TABLE signals"
            " (client_order_id, desk, side, symbol, qty, broker_order_no, answer)"
        )
        made.executemany(
            "INSERT INTO snapshot_parts VALUES ('krx', ?, ?)",
            [(f"/book/orders/{each}", json.dumps({"value": orders[each]})) for each in orders],
        )
        rows = [
            (order, "krx", "buy", "810070", 10, None, answer)
            for order, answer in (("o1", "unknown"), ("o2", None), ("o3", "rejected"))
        ]
        made.executemany("INSERT INTO signals VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
    assert written(path)["krx"].orders == {"117057": "buy 10 810070"}


def test_the_cash_that_counts_is_what_the_chat_told_last() -> None:
    texts = ("잔고 · 국내\n예수금 50,000,000원\n", "잔고 · 국내\n예수금 49,918,277원\n", "[file]")
    messages = [{"content": {"text": text}} for text in texts]
    assert told_cash({"messages": messages}) == {"krx": Decimal(49_918_277)}


def test_a_demo_that_showed_too_little_says_what_was_due() -> None:
    verdict = Verdict(4, 2, 90, 10, spoiled=1, mismatches=(), unstated=("us",))
    assert verdict.complaint.split("; ") == [
        "krx_round_trips=2, at least 3 were due",
        "charts=10, at least 11 were due",
        "1 pictures are none, or of another size",
        "the cash of us was not told",
    ]
    assert Verdict(3, 3, 90, 11, spoiled=0, mismatches=(), unstated=()).complaint == ""


def test_a_chart_is_a_whole_picture_of_a_stated_size() -> None:
    whole = png(1080, 720)
    assert is_chart(whole)
    assert not is_chart(whole[: len(whole) // 2])
    assert not is_chart(png(1080, 721))
    assert not is_chart(b"png")
