"""The start message says what holds the assistant back."""

import pytest

from bot.format.lang import Lang
from bot.format.start_notices import start_notices


def test_nothing_to_say_is_no_text() -> None:
    assert start_notices((), Lang.KO) is None


@pytest.mark.parametrize("lang", list(Lang))
def test_a_live_wish_without_confirmation_says_how_to_confirm(lang: Lang) -> None:
    said = start_notices(("live_needs_confirmation",), lang)
    assert said is not None
    assert "/mode live" in said


def test_a_free_text_is_escaped() -> None:
    assert start_notices(("a < b",), Lang.EN) == "⚠️ a &lt; b"
