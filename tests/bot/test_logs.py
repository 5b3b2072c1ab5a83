"""/logs and /bundle in the chat."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.format.markup import MAX_TEXT, plain, utf16_length
from engine.model.log_lines import LogEntry
from tests.bot.stage import OWNER, SECOND, Stage, press, reply_to, staged

AT = datetime(2026, 11, 20, 14, 31, tzinfo=UTC)


class Report:
    """A log of a hundred orders."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, str]] = []
        self.health = ""
        self.fails = False
        self.size = 30

    def newest(self, limit: int, word: str = "") -> tuple[LogEntry, ...]:
        self.asked.append((limit, word))
        if word == "nothing":
            return ()
        return tuple(
            LogEntry(
                AT + timedelta(seconds=number),
                "WARNING" if number == 0 else "INFO",
                (
                    ("event", "order"),
                    ("desk", "us"),
                    ("symbol", "<b>AAPL"),
                    ("reason", "x" * self.size),
                ),
            )
            for number in range(limit)
        )

    async def bundle(self, health: str) -> bytes:
        if self.fails:
            raise OSError
        self.health = health
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("ABOUT.txt", "x")
        return packed.getvalue()


@pytest.fixture
def report() -> Report:
    return Report()


@pytest.fixture
async def stage(report: Report) -> AsyncIterator[Stage]:
    async with staged(report=report) as one:
        yield one


async def test_logs_shows_the_newest_twenty_escaped(stage: Stage, report: Report) -> None:
    text = await reply_to(stage, "/logs")
    assert report.asked == [(20, "")]
    assert text.count("\n") >= 20
    assert "&lt;b&gt;AAPL" in text
    assert "11-20 23:31:00 order us" in text


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("/logs 5", (5, "")),
        ("/logs us-live-12", (20, "us-live-12")),
        ("/logs 7 AAPL", (7, "AAPL")),
        ("/logs 005930", (20, "005930")),
        ("/logs 50 005930", (50, "005930")),
    ],
)
async def test_a_short_number_is_how_many_and_anything_else_is_sought(
    stage: Stage, report: Report, typed: str, asked: tuple[int, str]
) -> None:
    await reply_to(stage, typed)
    assert report.asked[0] == asked


@pytest.mark.parametrize("typed", ["/logs 0", "/logs 51", "/logs 5 a b", "/logs a b"])
async def test_a_wrong_argument_is_answered_with_what_is_allowed(
    stage: Stage, report: Report, typed: str
) -> None:
    assert "/logs 30 AAPL" in await reply_to(stage, typed)
    assert not report.asked


async def test_logs_is_one_message_and_the_oldest_lines_go(stage: Stage, report: Report) -> None:
    report.size = 150
    (call,) = await stage.type("/logs 50")
    assert utf16_length(plain(call.text)) <= MAX_TEXT
    assert "23:31:49" in call.text
    assert "23:31:00" not in call.text


async def test_a_word_that_is_nowhere_is_said(stage: Stage) -> None:
    assert "nothing" in await reply_to(stage, "/logs nothing")


async def test_the_bundle_is_a_document_after_a_confirmation(stage: Stage, report: Report) -> None:
    await stage.type("/bundle")
    assert not report.health
    await press(stage, "확인")
    (sent,) = [call for call in stage.sent.calls if call.method == "sendDocument"]
    assert str(sent.fields["chat_id"]) == str(OWNER)
    assert json.loads(report.health)["status"] in {"ok", "degraded", "stopped"}


async def test_only_the_owner_can_have_the_bundle(stage: Stage, report: Report) -> None:
    calls = await stage.type("/bundle", user=SECOND)
    assert not any(call.buttons() for call in calls)
    assert "소유자" in calls[-1].text
    assert not report.health


async def test_a_bundle_that_cannot_be_made_is_said(stage: Stage, report: Report) -> None:
    report.fails = True
    await stage.type("/bundle")
    assert "doctor" in await press(stage, "확인")


async def test_without_a_log_both_say_so() -> None:
    async with staged() as stage:
        assert "로그를 읽을 수 없습니다" in await reply_to(stage, "/logs")
        assert "로그를 읽을 수 없습니다" in await reply_to(stage, "/bundle")
