"""What the chat says of an edited config.yaml."""

import pytest

from bot.format.lang import Lang
from bot.format.markup import plain
from bot.format.reloaded import refused, reloaded


@pytest.mark.parametrize("lang", list(Lang))
def test_a_refused_edit_carries_its_reason_escaped(lang: Lang) -> None:
    said = refused("config.yaml: a.b: <x> is not allowed; allowed: 0.1-50", lang)
    assert (
        "&lt;x&gt; " + lang.pick("쓸 수 없음, 허용", "is not allowed; allowed") + ": 0.1-50" in said
    )


def test_an_applied_edit_names_its_keys() -> None:
    assert reloaded(("trading.enabled",), (), Lang.KO).startswith(
        "✅ config.yaml 적용: <code>trading.enabled</code>"
    )


def test_keys_that_wait_for_a_start_are_called_so() -> None:
    said = plain(reloaded((), ("mode", "health.port"), Lang.EN))
    assert "At the next start: mode, health.port" in said
    assert "다음 시작 때 적용: mode" in plain(reloaded((), ("mode",), Lang.KO))


def test_many_keys_are_counted_not_listed() -> None:
    keys = tuple(f"k{number}" for number in range(25))
    assert reloaded(keys, (), Lang.EN).splitlines()[0].endswith("k19</code> (+5)")
