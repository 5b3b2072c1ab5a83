"""What the demo does in the trader's place is said to whoever reads along."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from sandbox.demo_control import DemoControl, Json
from sandbox.demo_excerpts import Excerpts
from sandbox.demo_story import KRX, Story

STOCK = "810010"


class Recorded(DemoControl):
    """Every wait is over at once; notes what was typed and how fast the clock went then."""

    def __init__(self, first: str | None) -> None:
        super().__init__("")
        self.first = first
        self.typed: list[str] = []

    async def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)

    async def set_speed(self, speed: float) -> None:
        self.typed.append(f"{speed:g}x")

    async def say(self, text: str) -> int:
        self.typed.append(text)
        return len(self.typed)

    async def press(self, label: str, after: int = 0) -> None:
        self.typed.append(f"[{label}]")

    async def first_entry(self, until: datetime) -> str | None:
        return self.first

    async def jump(self, to: datetime) -> None:
        return

    async def until_market(self, moment: datetime) -> None:
        return

    async def buy(self, symbol: str, qty: int) -> None:
        return

    async def lift(self, symbol: str, pct: float, seconds: int) -> None:
        return

    async def first_quoted(self, symbols: object) -> str:
        return "NVDA"

    async def transcript(self) -> Json:
        return {"messages": [{"message_id": number} for number in range(len(self.typed) + 1)]}

    async def until_message(
        self, wanted: Callable[[Json], bool], limit_s: float, what: str
    ) -> Json:
        return {}


@pytest.mark.parametrize("first", [STOCK, None])
async def test_a_question_of_the_demo_is_said_to_be_its_own(first: str | None) -> None:
    control, said = Recorded(first), list[str]()
    await Story(control).first_minutes(KRX, say=said.append)
    assert "types /mode live for you" in said[0]
    assert "no real money" in said[0]
    assert said[-1].endswith("\nThe market's clock now runs at 1x; the rest is yours.")
    assert all(re.match("(데모|이제)", line) for line in said)
    asked = f"/why {STOCK}"
    assert [asked in line for line in said[1:-1]] == ([True] if first else [])
    assert (asked in control.typed) is (first is not None)


async def test_each_excerpt_is_kept_with_the_message_it_began_after() -> None:
    control, said = Recorded(None), list[str]()
    excerpts = Excerpts(control, speed=60)
    await excerpts.play(said.append)
    begun, titles = zip(*excerpts.chapters, strict=True)
    assert list(titles) == said
    assert [title.split()[0] for title in titles] == ["KRX"] * 2 + ["US"] * 3
    assert begun[0] == len(["/mode live krx", "[확인]", "/mode live us", "[확인]"])
    assert sorted(set(begun)) == list(begun)
