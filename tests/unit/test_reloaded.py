"""What the chat says of an edited config.yaml."""

import pytest

from bot.format.lang import Lang
from bot.format.reloaded import refused, reloaded


@pytest.mark.parametrize("lang", list(Lang))
def test_a_refused_edit_carries_its_reason_escaped(lang: Lang) -> None:
    said = refused("config.yaml: a.b: <x> is not allowed; allowed: 0.1-50", lang)
    assert "a.b: &lt;x&gt; is not allowed" in said


def test_an_applied_edit_names_its_keys() -> None:
    assert reloaded(("trading.enabled",), (), Lang.KO).startswith(
        "✅ config.yaml 적용: trading.enabled"
    )


def test_keys_that_wait_for_a_start_are_called_so() -> None:
    assert "At the next start: mode, health.port" in reloaded((), ("mode", "health.port"), Lang.EN)
    assert "다음 시작 때 적용: mode" in reloaded((), ("mode",), Lang.KO)


def test_many_keys_are_counted_not_listed() -> None:
    keys = tuple(f"k{number}" for number in range(25))
    assert reloaded(keys, (), Lang.EN).splitlines()[0].endswith("k19 (+5)")
