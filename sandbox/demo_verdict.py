"""The demo's figures, from the sandbox's own books, beside the assistant's database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, TextIO

Json = dict[str, Any]
CENT = Decimal("0.01")
NOTHING = (0, Decimal(0))
ALERT_METHODS = frozenset({"sendMessage", "sendPhoto", "sendDocument"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was counted, and every place where two records disagree."""

    us_sells: int
    alerts: int
    charts: int
    mismatches: tuple[str, ...]

    def line(self) -> str:
        """The last line of a demo that went well."""
        return (
            f"DEMO OK us_sells={self.us_sells} krx_round_trips=0 alerts={self.alerts} "
            f"charts={self.charts} mismatches={len(self.mismatches)}"
        )


def judge(books: Json, transcript: Json, data: Path) -> Verdict:
    """Compare each sale through the API with the assistant's live book, opened read-only."""
    real = books["real"]
    sold = {
        order["order_no"].lstrip("0"): (int(order["filled"]), Decimal(order["filled_value"]))
        for order in real["orders"]
        if order["side"] == "sell" and order["media"] == "OpenAPI" and int(order["filled"]) > 0
    }
    booked = _booked(data / "live.db")
    calls = [call for call in transcript["calls"] if call["status"] == 200]  # noqa: PLR2004
    return Verdict(
        us_sells=len(sold),
        alerts=sum(call["method"] in ALERT_METHODS for call in calls),
        charts=sum(call["method"] == "sendPhoto" for call in calls),
        mismatches=tuple(_differences(sold, booked)),
    )


def _booked(path: Path) -> dict[str, tuple[int, Decimal]]:
    if not path.exists():
        return {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        rows = connection.execute(
            "SELECT broker_order_no, qty, price FROM fills WHERE side = 'sell'"
            " AND client_order_id IS NOT NULL"
        ).fetchall()
    booked: dict[str, tuple[int, Decimal]] = {}
    for number, qty, price in rows:
        held, value = booked.get(number, (0, Decimal(0)))
        booked[number] = (held + int(qty), value + Decimal(price) * int(qty))
    return booked


def _differences(
    sold: dict[str, tuple[int, Decimal]], booked: dict[str, tuple[int, Decimal]]
) -> Iterator[str]:
    for number in sorted(sold.keys() | booked.keys()):
        theirs, ours = sold.get(number), booked.get(number)
        if (
            theirs is None
            or ours is None
            or theirs[0] != ours[0]
            or abs(theirs[1] - ours[1]) >= Decimal("0.01")
        ):
            yield f"order {number}: sandbox {theirs}, book {ours}"


def print_transcript(transcript: Json, out: TextIO) -> None:
    """The chat as the trader saw it last: edits in place, buttons in brackets."""
    for message in transcript["messages"]:
        who = "Dolpa" if message["from"].get("is_bot") else "trader"
        content = message["content"]
        text = content.get("text") or content.get("caption") or "[file]"
        out.write(f"--- {who}\n{text}\n")
        rows = (message["markup"] or {}).get("inline_keyboard", [])
        labels = [" ".join(f"[{button['text']}]" for button in row) for row in rows]
        out.writelines(f"{line}\n" for line in labels)
    out.flush()
