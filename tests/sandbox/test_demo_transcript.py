"""The chat of a demo that plays by itself, as a reader of the terminal finds it."""

from __future__ import annotations

import io
from typing import Any

from sandbox.demo_transcript import EXPLAINED, print_transcript


def message(number: int, *, by_bot: bool = True, **content: object) -> dict[str, Any]:
    edited, markup = content.pop("edited_at", None), content.pop("markup", None)
    return {
        "message_id": number,
        "from": {"is_bot": by_bot},
        "edited_at": edited,
        "markup": markup,
        "content": content,
    }


def printed(*messages: dict[str, Any], chapters: tuple[tuple[int, str], ...] = ()) -> list[str]:
    out = io.StringIO()
    print_transcript({"messages": list(messages)}, chapters, out)
    return out.getvalue().splitlines()


def test_it_says_who_typed_and_how_late_alerts_may_be() -> None:
    keyboard = {"inline_keyboard": [[{"text": "확인"}, {"text": "취소"}]]}
    lines = printed(
        message(1, by_bot=False, text="/why 810010"),
        message(2, text="왜", markup=keyboard, edited_at="2026-11-20T00:00:00+00:00"),
    )
    assert lines == [
        *EXPLAINED.splitlines(),
        "--- 사용자(데모가 입력) / trader (typed by the demo)",
        "/why 810010",
        "--- Dolpa (나중에 고침 / edited later)",
        "왜",
        "[확인] [취소]",
    ]


def test_pictures_files_and_pins_are_told_apart() -> None:
    lines = printed(
        message(1, photo=[{"file_id": "a"}], caption="[실전]"),
        message(2, photo=[{"file_id": "b"}]),
        message(3, document={"file_id": "c"}, caption="표"),
        message(4, pinned_message={"message_id": 1}),
    )
    shown = ["[picture] [실전]", "[picture]", "[file] 표", "[pinned the message above]"]
    assert lines[3::2] == shown


def test_each_excerpt_stands_above_what_was_said_after_it_began() -> None:
    said = [message(number, text=str(number)) for number in (1, 2, 5)]
    lines = printed(*said, chapters=((1, "KRX"), (2, "US"), (4, "US later"), (5, "unsaid")))
    assert [line for line in lines if not line.startswith("---")][2:] == [
        "1",
        "=== KRX",
        "2",
        "=== US",
        "=== US later",
        "5",
    ]
