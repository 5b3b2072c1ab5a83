"""The chat of ``demo --once`` as text, under headings that say what was played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

Json = dict[str, Any]
Chapter = tuple[int, str]

EXPLAINED = (
    "아래는 장면별 대화입니다. 알림은 한 장면 늦게 보일 수 있습니다. 텔레그램은 1초에 한 건쯤만 "
    "받고, 여기서는 1초가 1분이기 때문입니다. 시각은 그 시장의 것입니다. KST만 있으면 서울, ET가 "
    "함께 있으면 뉴욕입니다.\n"
    "The chat follows, under what was played. An alert may stand one excerpt later: Telegram takes "
    "about one message a second, and here a second is a minute. Each names its own market's time: "
    "KST alone is Seoul's, with ET beside it New York's."
)
TYPED, SAID = "사용자(데모가 입력) / trader (typed by the demo)", "Dolpa"


def print_transcript(transcript: Json, chapters: Sequence[Chapter], out: TextIO) -> None:
    """The chat as the trader saw it last: edits in place, buttons in brackets.

    ``chapters``: the last message before each excerpt, and what that one is called; in order.
    """
    out.write(f"{EXPLAINED}\n")
    left = list(chapters)
    for message in transcript["messages"]:
        while left and message["message_id"] > left[0][0]:
            out.write(f"=== {left.pop(0)[1]}\n")
        out.writelines(f"{line}\n" for line in _lines(message))
    out.flush()


def _lines(message: Json) -> Iterator[str]:
    edited = " (나중에 고침 / edited later)" if message["edited_at"] else ""
    yield f"--- {SAID if message['from'].get('is_bot') else TYPED}{edited}"
    yield " ".join(_parts(message["content"]))
    for row in (message["markup"] or {}).get("inline_keyboard", []):
        yield " ".join(f"[{button['text']}]" for button in row)


def _parts(content: Json) -> Iterator[str]:
    if "photo" in content:
        yield "[picture]"
    elif "document" in content:
        yield "[file]"
    elif "pinned_message" in content:
        yield "[pinned the message above]"
    if text := content.get("text") or content.get("caption"):
        yield text
