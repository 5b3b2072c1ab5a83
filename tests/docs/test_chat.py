"""Every chat command of the documents is one, and takes the words that stand behind it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from bot.format.command_list import BY_NAME, BY_WORD
from bot.format.start_notices import INVENTED
from engine.flow.settings import open_settings
from engine.model.ids import Symbol
from engine.model.views import SettingChange
from engine.ports.control import SettingRefused
from engine.ports.settings import Override
from tests.bot.krx_samples import SAMSUNG, krx_view, with_krx
from tests.bot.samples import NOW, status_view
from tests.bot.stage import OWNER, Stage, staged
from tests.docs.pages import ROOT, pages
from tests.fakes.settings_store import FakeSettingsStore

# What begins like a command and is none of ours: addresses, and words for @BotFather.
OTHERS = {"/health", "/real", "/paper", "/token", "/newbot", "/revoke"}
COMPLAINTS = ("형식:", "모르는", "쓸 수 없는 값", "달력에 없는")
# What a form leaves open, filled in.
OPEN = {
    "SYMBOL": "AAPL",
    "STOCK": "005930",
    "ORDER": "30112345",
    "KIND": "order",
    "KEY": "target",
    "VALUE": "3.0",
    "QTY": "1",
    "FROM": "2026-03-01",
    "TO": "2026-03-31",
    "YYYY-MM-DD": "2026-03-31",
    "HH:MM-HH:MM": "23:00-07:00",
    "n": "5",
}
_COMMAND = re.compile(r"/[a-z]+(?: \S.*)?")
_WORDS = re.compile(r"[가-힣]+(?: [가-힣]+)*")


def typed() -> dict[str, str]:
    """Every command as it would be typed, with the place that names it."""
    found: dict[str, str] = {}
    for one in pages():
        for code in one.code():
            is_open = code.language is None or code.language in {"none", "text"}
            if is_open and _COMMAND.fullmatch(code.text) and code.text not in OTHERS:
                for text in _spelt_out(code.text):
                    found.setdefault(text, code.where)
    return found


def _spelt_out(form: str) -> Iterator[str]:
    """Every way to read a form: [left out or not], one|of|these, OPEN."""
    parts = re.findall(r"\[[^\]]*\]|\S+", form)
    choices = [_choices(part) for part in parts]
    for picked in itertools.product(*choices):
        yield " ".join(word for word in picked if word)


def _choices(part: str) -> list[str]:
    inner = part.strip("[]")
    named = [OPEN.get(word, word) for word in inner.split("|")]
    named = [" ".join(OPEN.get(one, one) for one in word.split()) for word in named]
    return ["", *named] if part.startswith("[") else named


TYPED = typed()


async def test_every_command_is_taken_with_its_words() -> None:
    assert len(TYPED) > len(BY_NAME) / 2
    async with staged() as stage:
        await prepare(stage)
        answers = {text: await answer_to(stage, text) for text in TYPED}
    refused = {
        f"{TYPED[text]}: {text}": answer
        for text, answer in answers.items()
        if not answer or any(complaint in answer for complaint in COMPLAINTS)
    }
    assert refused == {}


def test_korean_words_without_a_slash_are_understood() -> None:
    for one in pages():
        for code in one.code():
            words = code.text.split()
            if _WORDS.fullmatch(code.text) and words[0] in BY_WORD:
                assert set(words) <= BY_WORD.keys(), code.where


async def test_words_that_a_command_does_not_take_are_noticed() -> None:
    async with staged() as stage:
        await prepare(stage)
        for text in ("/pause asia", "/set tarrget 3", "/set target 900", "/quiet late", "/sale"):
            answer = await answer_to(stage, text)
            assert any(complaint in answer for complaint in COMPLAINTS), (text, answer)


def test_forms_are_read_in_every_way() -> None:
    assert list(_spelt_out("/pause [krx|us]")) == ["/pause", "/pause krx", "/pause us"]
    assert list(_spelt_out("/sell SYMBOL 50%")) == ["/sell AAPL 50%"]


async def prepare(stage: Stage) -> None:
    """Both desks, and settings as config.yaml has them."""
    store = FakeSettingsStore()
    own = Override("order_settings.targets.AAPL", "5", "3.0", OWNER, NOW)
    await store.set_override(own)
    settings = await open_settings(ROOT / "config.yaml", store)

    def check(key: str, value: str, symbol: Symbol | None) -> SettingChange | SettingRefused:
        return settings.check(key, value, symbol, ())

    stage.control.check = check
    stage.control.setting_views = settings.views()
    stage.control.view = with_krx(status_view(), krx_view())
    listed = (SAMSUNG, "삼성전자", INVENTED)  # the last one in the demo's market
    stage.control.names |= dict.fromkeys(listed, (SAMSUNG,))


async def answer_to(stage: Stage, text: str) -> str:
    """Everything the chat says to it."""
    return "\n".join(call.text for call in await stage.type(text))
