"""``run.py check-config``: every value in force and its origin, or all that is wrong."""

from __future__ import annotations

import argparse
import sqlite3
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal import check_words as words
from bot.terminal.language import language_of
from bot.terminal.refusals import in_words
from engine.adapters.secrets import Redactor, Secrets
from engine.adapters.sqlite.looks import overrides_of
from engine.config import CHECKS, TARGETS, Config, Loaded, Source, faults, load_config, text_of

OK, MISCONFIGURED = 0, 2


def check(options: argparse.Namespace, config: Path | None, secrets: Secrets) -> int:
    """The exit code. Reads only. Raises ConfigError for what was set from the chat."""
    lang, hide = language_of(options.config), Redactor(secrets).hide
    wrong = [in_words(hide(fault), lang) for fault in faults(config)]
    if wrong:
        sys.stderr.write("\n".join(fault_lines(wrong, lang)) + "\n")
        return MISCONFIGURED
    notices = list(secrets.notices)
    try:
        chat = _from_chat(options.data_dir)
    except sqlite3.Error as error:
        chat = {}
        notices.append(words.no_chat_values(str(error), lang))
    loaded = load_config(config, chat)
    told = [in_words(notice, lang) for notice in (*loaded.notices, *notices)]
    lines = _lines(loaded, load_config(config), options.config, lang)
    sys.stdout.write("\n".join([*lines, *told, _verdict(loaded, lang)]) + "\n")
    return OK


def fault_lines(wrong: Sequence[str], lang: Lang) -> list[str]:
    """One a line, then how many."""
    return [*(f"⚠️ {fault}" for fault in wrong), words.are_wrong(len(wrong), lang)]


def _from_chat(data: Path) -> Mapping[str, str]:
    """By key of the configuration, without the marks that the chat keeps beside them."""
    found = overrides_of(data)
    return {
        key: text for key, text in found.items() if key in CHECKS or key.startswith(f"{TARGETS}.")
    }


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
