"""Fills, errors and stops by a second messenger: which, how long they wait, what is said of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bot import second_alerts
from bot.format import second
from bot.format.kinds import AlertKind, Loudness
from bot.format.lang import Lang
from bot.format.markup import utf16_length
from bot.preferences import Preferences, QuietHours
from bot.second_alerts import SecondAlerts
from engine.model.facts import Fact
from engine.model.ids import DeskName, Qty
from engine.model.receipts import Denial, Receipt, Told
from engine.ports.journal import NumberedFact
from engine.ports.notifier import Notifier
from tests.bot.samples import NOW, all_facts, control, filled
from tests.bot.stage import Watch, until
from tests.fakes.chat_store import FakeValues

FACTS = all_facts()
LINK = "https://t.me/a_bot"
TAKEN = Told(Receipt.TAKEN)
LATER = Told(Receipt.LATER, "ConnectError")
DENIED = Told(Receipt.DENIED, "KOE322", Denial.TOKEN)


@dataclass
class FakeNotifier:
    """Answers what it was given, then TAKEN."""

    answers: list[Told] = field(default_factory=list)
    renewals: list[Told] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    renewed: int = 0
    longest_text: int = 200

    async def notify(self, text: str, link: str) -> Told:
        assert utf16_length(text) <= self.longest_text
        self.tried.append(text)
        self.links.add(link)
        told = self.answers.pop(0) if self.answers else TAKEN
        if told.receipt is Receipt.TAKEN:
            self.taken.append(text)
        return told

    async def renew(self) -> Told:
        self.renewed += 1
        return self.renewals.pop(0) if self.renewals else TAKEN


def as_port(fake: FakeNotifier) -> Notifier:
    """Lets the type checker prove that the fake is the port."""
    return fake


@dataclass
class Play:
    notifier: FakeNotifier
    watch: Watch
    preferences: Preferences
    alerts: SecondAlerts
    said: list[str]

    async def hear(self, fact: Fact, seq: int = 1) -> None:
        self.alerts.hear(NumberedFact(seq, NOW, DeskName.US, fact))
        await asyncio.sleep(0)

    async def drain(self) -> None:
        while self.alerts._waiting:
            await self.alerts.send_first()


def play(*answers: Told) -> Play:
    notifier, watch, said = FakeNotifier(list(answers)), Watch(), list[str]()
    preferences = Preferences(FakeValues(), "ko")
    alerts = SecondAlerts(
        *(notifier, control(), preferences, watch.human_time()),
        say=said.append,
        link=lambda: LINK,
    )
    return Play(notifier, watch, preferences, alerts, said)


async def test_a_fill_an_error_and_a_stop_are_told_in_order_and_nothing_else() -> None:
    p = play()
    for name in ("order_accepted", "order_filled", "buy_seen", "trouble_began", "day_summary"):
        await p.hear(FACTS[name])
    await p.hear(FACTS["state_exits_only"])
    await p.drain()
    assert len(p.notifier.taken) == 3
    assert "체결" in p.notifier.taken[0]
    assert all(text.startswith("[모의실행]") for text in p.notifier.taken)
    assert not any("<" in text or "\u2060" in text for text in p.notifier.taken)
    assert p.notifier.links == {LINK}


async def test_the_chats_language_is_spoken() -> None:
    p = play()
    await p.preferences.set_language(Lang.EN)
    await p.hear(filled())
    await p.drain()
    assert "filled" in p.notifier.taken[0].lower()


async def test_a_kind_that_is_off_or_silent_stays_away_and_an_error_never_does() -> None:
    p = play()
    await p.preferences.set_level(AlertKind.FILL, Loudness.OFF)
    await p.hear(filled())
    await p.preferences.set_level(AlertKind.FILL, Loudness.SILENT)
    await p.hear(filled())
    quiet = QuietHours.parse("00:00-23:59")
    await p.preferences.set_quiet(quiet)
    await p.hear(FACTS["order_rejected"])
    await p.drain()
    assert len(p.notifier.taken) == 1


async def test_the_oldest_go_when_too_many_wait_and_the_next_says_how_many() -> None:
    p = play()
    for seq in range(second_alerts.MOST_WAITING + 7):
        await p.hear(replace(filled(), left_qty=Qty(seq)), seq)
    await p.drain()
    assert len(p.notifier.taken) == second_alerts.MOST_WAITING
    assert p.notifier.taken[0].startswith("(7건은 텔레그램에만)\n")
    assert not p.notifier.taken[1].startswith("(")


async def test_what_is_an_hour_old_is_not_sent_any_more() -> None:
    p = play()
    await p.hear(filled())
    p.watch.elapsed += 3601
    await p.hear(FACTS["trouble_began"])
    await p.drain()
    (text,) = p.notifier.taken
    assert text.startswith("(1건은 텔레그램에만)")


async def test_it_is_tried_again_after_ever_longer_pauses() -> None:
    p = play(*[LATER] * 9)
    await p.hear(filled())
    await p.drain()
    assert (len(p.notifier.tried), len(p.notifier.taken)) == (10, 1)
    assert p.watch.pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert p.said == []


async def test_a_message_whose_answer_was_lost_is_not_sent_twice() -> None:
    p = play(Told(Receipt.LOST))
    await p.hear(filled())
    await p.hear(FACTS["trouble_began"])
    await p.drain()
    assert len(p.notifier.tried) == 2
    assert p.notifier.taken[0].startswith("(1건은 텔레그램에만)")


async def test_a_denial_is_said_once_and_then_tried_once_an_hour_until_it_works() -> None:
    p = play(DENIED, DENIED)
    for _ in range(3):
        await p.hear(filled())
        await p.drain()
    assert len(p.notifier.tried) == 1
    assert p.said == [second.denied(Denial.TOKEN, Lang.KO)]
    p.watch.elapsed += 3600
    await p.hear(filled())
    await p.drain()
    assert (len(p.notifier.tried), len(p.said)) == (2, 1)
    p.watch.elapsed += 3600
    await p.hear(filled())
    await p.drain()
    assert p.notifier.taken[0].startswith("(4건은 텔레그램에만)")
    assert p.said[1:] == [second.again(Lang.KO)]


async def test_a_spent_day_is_said_once_and_ends_at_midnight_in_korea() -> None:
    p = play(Told(Receipt.SPENT, "-532"))
    await p.hear(filled())
    await p.hear(filled())
    await p.drain()
    assert len(p.notifier.tried) == 1
    assert p.said == [second.spent(Lang.KO)]
    p.watch.elapsed += 24 * 3600
    await p.hear(filled())
    await p.drain()
    assert len(p.notifier.taken) == 1


async def test_fills_leave_a_rest_of_the_day_to_errors() -> None:
    p = play()
    for _ in range(second_alerts.FILLS_CAP + 5):
        await p.hear(filled())
        await p.drain()
    assert len(p.notifier.taken) == second_alerts.FILLS_CAP
    for _ in range(second_alerts.DAY_CAP):
        await p.hear(FACTS["trouble_began"])
        await p.drain()
    assert len(p.notifier.tried) == second_alerts.DAY_CAP
    assert p.said == [second.spent(Lang.KO)]


async def test_one_that_is_refused_for_what_it_is_does_not_hold_up_the_next() -> None:
    p = play(Told(Receipt.UNFIT, "-2"))
    await p.hear(filled())
    await p.hear(FACTS["trouble_began"])
    await p.drain()
    assert len(p.notifier.taken) == 1


async def test_a_fact_that_cannot_be_shown_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    p = play()

    def broken(*_arguments: object) -> str:
        raise ValueError("no words for it")

    with monkeypatch.context() as patch:
        patch.setattr(second_alerts, "tell", broken)
        await p.hear(filled())
    await p.hear(filled())
    await p.drain()
    assert len(p.notifier.taken) == 1


@asynccontextmanager
async def going(service: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.ensure_future(service)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_service_sends_what_comes_while_it_waits() -> None:
    p = play()
    async with going(p.alerts.run()):
        await p.hear(filled())
        await until(lambda: len(p.notifier.taken) == 1)
        await p.hear(filled())
        await until(lambda: len(p.notifier.taken) == 2)


async def test_the_token_is_renewed_at_the_start_and_every_day() -> None:
    p = play()
    begun = p.watch.elapsed
    async with going(p.alerts.keep_alive()):
        await until(lambda: p.notifier.renewed >= 3)
    assert p.watch.elapsed - begun >= 2 * 24 * 3600


async def test_a_token_that_is_dead_at_the_start_is_said_before_anything_happens() -> None:
    p = play()
    p.notifier.renewals = [DENIED, DENIED]
    async with going(p.alerts.keep_alive()):
        await until(lambda: p.notifier.renewed >= 3)
    assert p.said == [second.denied(Denial.TOKEN, Lang.KO), second.again(Lang.KO)]


async def test_a_living_token_does_not_say_that_the_permission_is_there() -> None:
    p = play(Told(Receipt.DENIED, "-402", Denial.SCOPE))
    await p.hear(filled())
    await p.drain()
    async with going(p.alerts.keep_alive()):
        await until(lambda: p.notifier.renewed >= 2)
    assert p.said == [second.denied(Denial.SCOPE, Lang.KO)]


def test_a_long_alert_is_cut_at_a_line_and_a_long_line_anywhere() -> None:
    rows = "\n".join(["가" * 60] * 5)
    assert second.brief(rows, 0, 200, Lang.KO) == "\n".join(["가" * 60] * 3) + "…"
    assert second.brief("😀" * 300, 0, 200, Lang.KO) == "😀" * 99 + "…"
    assert second.brief("<b>a</b> &amp; b", 0, 200, Lang.KO) == "a & b"
