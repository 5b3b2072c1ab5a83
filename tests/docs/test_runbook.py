"""The runbook knows every message that comes unasked, by the words the trader reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.format.facts import tell
from bot.format.lang import Lang
from bot.format.markup import plain
from engine.flow.alerts import alert_of
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, DeskState
from engine.model.state_facts import StateChanged, Trouble
from tests.bot.krx_samples import AT, KRX_NAMES, krx_facts
from tests.bot.samples import all_facts
from tests.docs.pages import ROOT, page, table_under

SNAPSHOTS = ROOT / "tests" / "snapshots"
HEADING = "Every message that comes by itself"
HEAD = ("Korean", "English", "What it means", "What to do")
# Beside the alerts: what the process itself says, and what is put before another message.
UNASKED = (
    *("started", "started_held_back", "stopping", "start_notices", "strangers"),
    *("reloaded", "reload_refused", "digest_week", "digest_month", "digest_day"),
    *("second_denied_token", "second_denied_key", "second_denied_scope"),
    *("second_denied_account", "second_spent", "second_again"),
    *("reminder", "repeated", "skipped", "skipped_press", "edited", "failed"),
)
LINE_BY_LINE = "start_notices"
# Stops for which the samples have none, with the desk's own reason.
LIMITS = {
    Trouble.TRADES: "entries of the day are used up",
    Trouble.INDEX: "the index falls",
}


def facts() -> Mapping[str, tuple[AnyFact, DeskName]]:
    """One of each that reaches the trader."""
    found: dict[str, tuple[AnyFact, DeskName]] = {}
    found |= {key: (fact, DeskName.US) for key, fact in all_facts().items()}
    found |= {key: (fact, DeskName.KRX) for key, fact in krx_facts().items()}
    found |= {str(trouble): (_limit(trouble), DeskName.KRX) for trouble in LIMITS}
    return {key: told for key, told in found.items() if alert_of(told[0]) is not None}


def _limit(trouble: Trouble) -> StateChanged:
    """Those that end by the clock say when."""
    held = DeskState.EXITS_ONLY
    until = None if trouble is Trouble.INDEX else AT + timedelta(hours=1)
    return StateChanged(*(held, DeskState.RUNNING, held, LIMITS[trouble], "1", "1", until, trouble))


def messages(lang: Lang) -> Mapping[str, str]:
    """Plain texts."""
    found = {}
    for key, (fact, desk) in facts().items():
        text = tell(fact, lang, KRX_NAMES, desk)
        assert text is not None
        found[key] = plain(text)
    for name in UNASKED:
        text = plain((SNAPSHOTS / lang / f"{name}.txt").read_text(encoding="utf-8"))
        if name == LINE_BY_LINE:  # the last line stands for what nobody has words for
            lines = text.splitlines()[:-1]
            found |= {f"{name} {number}": line for number, line in enumerate(lines)}
        else:
            found[name] = text
    return found


def rows() -> list[tuple[str, ...]]:
    return [row for row in table_under(page("docs/runbook.md"), HEADING) if row != HEAD]


def matches(cell: str, text: str) -> bool:
    """Whether the words of a cell stand in the message in this order; … is anything."""
    parts = [re.escape(part.strip()) for part in cell.split("…")]
    return re.search(".*".join(parts), text, re.DOTALL) is not None


@pytest.mark.parametrize("lang", list(Lang))
def test_every_message_has_a_row(lang: Lang) -> None:
    column = list(Lang).index(lang)
    missing = {
        name: text
        for name, text in messages(lang).items()
        if not any(matches(row[column], text) for row in rows())
    }
    assert missing == {}


@pytest.mark.parametrize("lang", list(Lang))
def test_no_row_speaks_of_a_message_that_does_not_come(lang: Lang) -> None:
    column = list(Lang).index(lang)
    texts = messages(lang).values()
    gone = [row[column] for row in rows() if not any(matches(row[column], t) for t in texts)]
    assert gone == []


def test_a_row_means_the_same_message_in_both_languages() -> None:
    korean, english = messages(Lang.KO), messages(Lang.EN)
    for row in rows():
        told = {name for name, text in korean.items() if matches(row[0], text)}
        assert told == {name for name, text in english.items() if matches(row[1], text)}, row[0]


def test_a_row_says_whether_it_comes_again_until_it_is_confirmed() -> None:
    korean, told = messages(Lang.KO), facts()
    for row in rows():
        alerts = [alert_of(*told[name]) for name in told if matches(row[0], korean[name])]
        again = {alert.must_ack for alert in alerts if alert is not None}
        assert again <= {"[확인]" in row[2]}, row[0]


def test_every_row_says_what_it_means_and_what_to_do() -> None:
    assert [row for row in rows() if len(row) != len(HEAD) or not all(row)] == []
