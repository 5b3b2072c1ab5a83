"""1,000 hostile texts through every template, judged by Telegram's own parser."""

from __future__ import annotations

import inspect
import itertools
import random
import typing
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from bot.format import badge, facts, held, readiness
from bot.format.lang import Lang
from bot.format.markup import fit
from engine.model.facts import AnyFact
from engine.model.ids import DeskName, Mode
from engine.model.readiness import ReadinessChecked, ReadyItem, ReadyLine
from tests.bot.html_check import MAX_CAPTION, check_message, parsed
from tests.bot.samples import NOW, position, status_view, us_view
from tests.bot.templates import ESCAPED, NO_TEXTS, OURS, Template, Words, choices, templates

TEXTS = 1_000
HARMLESS = ("Abc", "Defg", "Hijkl", "Mno", "Pqrst", "Uvw", "Xyz")
NASTY = (
    "<b>", "</b>", "</code>", "</pre>", "<tg-time unix='1'>", "<a href='https://evil.com'>x</a>",
    "&lt;", "&amp;", "&#60;b&#62;", "&", "<", ">", '"', "'", "`", "*", "_", "\\", "/stopall", "/",
    "https://evil.com/x?y=1", "http://1.2.3.4:80", "tg://resolve?domain=x", "t.me/evil", "evil.kr",
    "애플.한국", "@durov", "@", "#급등", "$AAPL", "me@evil.com", ".", "..", "\n", "\r\n", "\t", " ",
    "\0", "\x07", "\x1b[31m", "\u202e", "\u200f", "\u2066", "\u200b", "\u200d", "\ufeff", "\u2060",
    "\u3164", "\ud83d", "\udd34", "🔴", "👩‍👩‍👧", "🇰🇷", "e\u0301", "\u0336" * 9, "שלום", "مرحبا",
    "애플", "마이크로소프트", "AAPL", "BRK/B", "12,345.67", "+3.02 %", "{0}", "%s", "x" * 500,
    "가" * 300, "\U0001f534" * 200, "&" * 200, "(", ")", " / ", ", ",
)  # fmt: skip


def hostile(chance: random.Random) -> str:
    """A text of parts that mean something to a parser, or of any characters at all."""
    if chance.random() < 0.3:
        anything = [chance.randrange(0x3000), chance.randrange(0x110000)]
        return "".join(chr(chance.choice(anything)) for _ in range(chance.randrange(60)))
    return "".join(chance.choice(NASTY) for _ in range(chance.randrange(6)))


def sent(text: str, lang: Lang) -> str:
    """As the speaker sends it."""
    return fit(badge.under_badge(text, Mode.LIVE, "", lang))


@cache
def allowed(template: Template, lang: Lang, turn: int) -> tuple[Counter[str], Counter[str]]:
    """Entities of the template itself, ours and those Telegram finds, with harmless words."""
    return entities(template, Words(HARMLESS), lang, turn)


def entities(
    template: Template, words: Words, lang: Lang, turn: int
) -> tuple[Counter[str], Counter[str]]:
    """Kinds of what we marked, and of what Telegram would mark by itself; all else is checked."""
    marked: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for text in template.texts(words, lang, turn):
        message = check_message(sent(text, lang))
        marked += message.kinds
        found += message.pressable()
    return marked, found


def check(template: Template, texts: Sequence[str]) -> None:
    """Every text through the template, in both languages and every sample by turns."""
    words, turn = Words(texts), 0
    while turn < len(Lang) * template.variants() or 0 < words.used < len(texts):
        lang, variant = list(Lang)[turn % 2], turn // 2 % template.variants()
        marked, found = entities(template, words, lang, variant)
        own, findable = allowed(template, lang, variant)
        assert marked <= own, f"{template.name} {lang} {variant}: {marked - own}"
        assert found <= findable, f"{template.name} {lang} {variant}: {found - findable}"
        turn += 1


CHANCE = random.Random(20260706)
HOSTILE = [hostile(CHANCE) for _ in range(TEXTS)]
BY_MODULE = itertools.groupby(templates(), lambda template: template.name.partition(".")[0])


@pytest.mark.parametrize(
    "group", [pytest.param(list(group), id=module) for module, group in BY_MODULE]
)
def test_a_thousand_hostile_texts_through_every_template(group: list[Template]) -> None:
    for template in group:
        check(template, HOSTILE)


def test_no_fact_is_left_out() -> None:
    told = choices(typing.get_type_hints(facts.tell)["fact"])
    kinds = {typing.get_origin(kind) or kind for kind in typing.get_args(AnyFact)}
    assert {type(fact) for fact in told} == kinds


def test_exceptions_to_the_rule_are_still_needed() -> None:
    names = {template.name for template in templates()}
    assert not names & NO_TEXTS
    for argument in (*OURS, *ESCAPED):
        name, _dot, parameter = argument.rpartition(".")
        (template,) = (one for one in templates() if one.name == name)
        assert parameter in inspect.signature(template.make).parameters


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ("<b>x", "end tag"),
        ("<tg-clock>x</tg-clock>", "Unsupported start tag"),
        ("<b>" + "x" * 4097 + "</b>", "4097 units"),
        ("<i>x</i> " * 101, "Italic"),
        ("<pre>" + "가" * 18 + "</pre>", "36 columns"),
        ("<b> </b>", "<b> </b>"),
    ],
)
def test_the_judge_refuses(raw: str, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        check_message(raw)


def test_the_judge_counts_as_telegram_does() -> None:
    message = parsed("<b>🔴</b> &lt;b&gt; <code>/x</code> /stop evil.com")
    assert message.text == "🔴 <b> /x /stop evil.com"
    assert message.units == 24
    assert message.kinds == Counter(Bold=1, Code=1)
    assert message.pressable() == Counter(BotCommand=1, Url=1)


@pytest.mark.parametrize("measured", ["812", ".."])
def test_the_slash_before_a_cap_begins_no_command(measured: str) -> None:
    calls = ReadyLine(ReadyItem.CALLS, is_well=True, measured=measured, limit="4500")
    checked = ReadinessChecked(NOW.date(), NOW, NOW + timedelta(days=1), Mode.LIVE, (calls,))
    text = readiness.checked(checked, DeskName.US, Lang.EN)
    assert parsed(text).pressable()["BotCommand"] == 0


@pytest.mark.parametrize("lang", list(Lang))
def test_a_caption_is_cut_to_what_a_picture_may_carry(lang: Lang) -> None:
    many = replace(status_view(), us=replace(us_view(), positions=(position(),) * 50))
    check_message(fit(held.positions(many, lang), MAX_CAPTION), MAX_CAPTION)
