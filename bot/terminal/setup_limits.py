"""The wizard's questions about limits: figures of config.yaml, checked as the file is."""

from __future__ import annotations

import argparse

from bot.format.lang import Lang
from bot.terminal import setup_words as words
from bot.terminal.setup_answers import Answers
from engine.config import CHECKS, Config, text_of
from engine.errors import ConfigError

_DESKS = {"krx": "domestic.enabled", "us": "trading.enabled"}
_FIGURES = (
    ("risk.max_order_krw", "max_order_krw", ("주문 한 건의 최대 금액(원)", "Largest order, won")),
    (
        "risk.max_daily_loss_krw",
        "max_daily_loss_krw",
        ("하루 최대 손실(원, null: 비율만)", "Largest daily loss, won (null: per cent only)"),
    ),
    ("risk.max_positions", "max_positions", ("최대 보유 종목 수", "Positions at most")),
)


def ensure_limits(lang: Lang, options: argparse.Namespace) -> None:
    """What was given on the command line, before the first question. Raises ConfigError."""
    if options.desks:
        _wanted(options.desks, lang)
    for key, flag, _ in _FIGURES:
        if getattr(options, flag):
            _figure(lang, key, getattr(options, flag))


def ask_limits(answers: Answers, config: Config, options: argparse.Namespace) -> dict[str, str]:
    """By dotted key, what differs from now. Raises ConfigError."""
    found = _desks(answers, config, options.desks)
    for key, flag, title in _FIGURES:
        now = text_of(config, key)
        question = words.ask_limit(title, now, answers.lang)
        given = getattr(options, flag)
        value = answers.until_right(
            answers.shown_or(given, now, question),
            lambda text, key=key: _figure(answers.lang, key, text),  # type: ignore[misc]
        )
        if value != now:
            found[key] = value
    return found


def _desks(answers: Answers, config: Config, given: str | None) -> dict[str, str]:
    now = ",".join(name for name, key in _DESKS.items() if text_of(config, key) == "true")
    question = words.ask_limit(
        ("데스크 (krx, us, krx,us)", "Desks (krx, us, krx,us)"), now, answers.lang
    )

    wanted = answers.until_right(
        answers.shown_or(given, now, question), lambda text: _wanted(text, answers.lang)
    )
    states = {key: str(name in wanted).lower() for name, key in _DESKS.items()}
    return {key: state for key, state in states.items() if state != text_of(config, key)}


def _wanted(text: str, lang: Lang) -> set[str]:
    wanted = {part.strip().casefold() for part in text.split(",") if part.strip()}
    if not wanted or not wanted <= set(_DESKS):
        allowed = words.not_allowed("krx, us, krx,us", lang)
        raise ConfigError(f"{lang.pick('데스크', 'desks')}: {allowed}")
    return wanted


def _figure(lang: Lang, key: str, text: str) -> str:
    plain = text.replace(",", "").replace("_", "").removesuffix("원").strip()
    try:
        CHECKS[key].read(plain)
    except ValueError:
        allowed = words.not_allowed(CHECKS[key].allowed, lang)
        raise ConfigError(f"{key}: {allowed}") from None
    return plain
