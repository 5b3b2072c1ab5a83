"""``run.py check-config``: every value in force and its origin, or every wrong key."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal import check_words as words
from bot.terminal import here
from bot.terminal.language import language_of
from bot.terminal.refusals import in_words
from engine.adapters.secrets import Redactor, Secrets
from engine.adapters.sqlite.looks import overrides_of
from engine.config import CHECKS, TARGETS, Config, Loaded, Source, faults, load_config, text_of
from engine.flow.settings import of_config

OK, MISCONFIGURED = 0, 2


def check(options: argparse.Namespace, config: Path | None, secrets: Secrets) -> int:
    """The exit code: 2 where ``bot`` would refuse, too. Reads only."""
    lang, hide = language_of(options.config), Redactor(secrets).hide
    notices = list(secrets.notices)
    try:
        chat = of_config(overrides_of(options.data_dir))
    except sqlite3.Error as error:
        chat = {}
        notices.append(words.no_chat_values(str(error), lang))
    wrong = [f"⚠️ {in_words(hide(fault), lang)}" for fault in faults(config, chat)]
    if wrong:
        last = words.are_wrong(len(wrong), _given(options), lang)
        sys.stderr.write("\n".join([*wrong, last]) + "\n")
        return MISCONFIGURED
    loaded = load_config(config, chat)
    told = [in_words(notice, lang) for notice in (*loaded.notices, *notices)]
    lines = _lines(loaded, load_config(config), options.config, lang)
    sys.stdout.write("\n".join([*lines, *told, _verdict(loaded, lang)]) + "\n")
    return OK


def cut_short(fault: str, options: argparse.Namespace, lang: Lang) -> str:
    """What was in the way of looking on, such as a wrong line of ``.env``."""
    return f"⚠️ {fault}\n{words.cut_short(_given(options), lang)}"


def _given(options: argparse.Namespace) -> str:
    return here.elsewhere(options.data_dir, options.config, options.env_file)


def _lines(loaded: Loaded, file: Loaded, path: Path, lang: Lang) -> list[str]:
    lines, name = [words.legend(str(path), lang)], path.name
    for key in _keys(loaded.config):
        text, source = text_of(loaded.config, key), loaded.sources[key]
        usual = text_of(Config(), key)
        origin = words.origin(source, name, lang)
        if source is Source.CHAT:
            note = words.file_says(text_of(file.config, key), name, lang)
        elif source is Source.FILE:
            note = words.usual(usual, lang, is_same=text == usual)
        else:
            note = ""
        lines.append(f"{key} = {text} ({origin}{note})")
    return lines


def _keys(config: Config) -> list[str]:
    single = [f"{TARGETS}.{symbol}" for symbol in sorted(config.order_settings.targets)]
    return [*(key for key in CHECKS if key != TARGETS), *single]


def _verdict(loaded: Loaded, lang: Lang) -> str:
    keys = _keys(loaded.config)
    changed = [key for key in keys if text_of(loaded.config, key) != text_of(Config(), key)]
    return words.all_well(len(keys), len(changed), lang)
