"""``run.py setup``: from nothing to an assistant whose doctor is content."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.chat import HumanTime
from bot.format.lang import Lang
from bot.lock import holder_of
from bot.terminal import here
from bot.terminal import passphrase_words as about
from bot.terminal import setup_words as words
from bot.terminal.command_words import stop_first
from bot.terminal.console import Console
from bot.terminal.doctor_local import has_systemd
from bot.terminal.refusals import in_words
from bot.terminal.secrets_command import LEAST_PASSPHRASE, Place
from bot.terminal.setup_answers import Answers, lines_of
from bot.terminal.setup_keep import Draft, keep, quoted
from bot.terminal.setup_keys import KeySteps
from bot.terminal.setup_limits import ask_limits, ensure_limits
from bot.terminal.setup_telegram import Addresses, Troubled
from bot.terminal.setup_telegram_step import TelegramSteps
from bot.terminal.troubles import Trouble, explain
from engine.adapters.kis.network import Network
from engine.adapters.secrets import (
    PASSPHRASE,
    STORABLE,
    EnvFile,
    Secret,
    SecretStore,
    StoreDamaged,
    WrongPassphrase,
    find_passphrase,
    open_store,
    read_env_file,
)
from engine.config import Config, load_config
from engine.errors import ConfigError
from engine.wiring import make_clock
from engine.wiring.first_contact import FirstContact, KeptTokens

OK, FAILED = 0, 1
_LANGUAGES = {
    **dict.fromkeys(("ko", "한국어", "한글", "korean"), Lang.KO),
    **dict.fromkeys(("en", "영어", "english"), Lang.EN),
}
_GROUPS, _GROUP = 6, 4
_EASY = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class World:
    """What the wizard works with. ``examine``: the doctor, with the passphrase at hand."""

    place: Place
    config: Path
    time: HumanTime
    examine: Callable[[Mapping[str, str]], int]


class Wizard:
    """One run. Raises ConfigError for exit code 2, EOFError and KeyboardInterrupt."""

    def __init__(self, world: World, console: Console, options: argparse.Namespace) -> None:
        self._world = world
        self._place = world.place
        self._console = console
        self._options = options
        self._file = read_env_file(world.place.env_file)
        self.is_kept = False
        is_attended = console.is_person and not options.unattended
        given = {**(lines_of(console) if options.stdin else {}), **world.place.environ}
        self._answers = Answers(console, given, is_attended=is_attended)

    @property
    def lang(self) -> Lang:
        """Of the person, once it is known."""
        return self._answers.lang

    def run(self) -> int:
        """The exit code: the doctor's."""
        config = load_config(self._world.config if self._world.config.exists() else None).config
        self._answers.lang = self._language(config)
        ensure_limits(self._answers.lang, self._options)
        if holder_of(self._place.data) is not None:
            data, place = self._place.data, self._place
            given = here.elsewhere(data, self._world.config, place.env_file)
            raise ConfigError(stop_first(str(data), given, self.lang))
        self._console.say(words.welcome(self.lang))
        draft, tokens = self._passphrase(), KeptTokens()
        if self.lang.value != config.language.value:
            draft.settings["language"] = self.lang.value
        kept = self._values_there(draft)
        addresses = Addresses(config.telegram.base_url, config.telegram.base_file_url)
        telegram = TelegramSteps(self._answers, kept, addresses, self._world.time)
        draft.values |= telegram.run(self._say_step)
        contact = FirstContact(
            config, make_clock(self._place.data, config), tokens, self._say_wait, Network()
        )
        self._say_step(3)
        keys = KeySteps(self._answers, kept, contact)
        draft.values |= keys.run()
        self._say_step(4)
        draft.values |= keys.hts_id()
        self._say_step(5)
        draft.settings |= ask_limits(self._answers, config, self._options)
        draft.tokens = tokens.texts
        written = keep(draft, self._place, self._world.config, self._world.time.now())
        self.is_kept = True
        self._console.say(words.kept(", ".join(written), self.lang))
        return self._end(draft)

    def _end(self, draft: Draft) -> int:
        self._say_step(6)
        environ = {**self._place.environ, PASSPHRASE: draft.passphrase.reveal()}
        code = self._world.examine(environ)
        if any(name in STORABLE for name in read_env_file(self._place.env_file).values):
            self._console.say(words.still_in_clear(str(self._place.env_file), self.lang))
        self._say_step(7)
        is_kept = draft.is_in_file or find_passphrase(self._place.environ, self._file) is not None
        last = words.service(is_passphrase_kept=is_kept, has_systemd=has_systemd(), lang=self.lang)
        self._console.say(last)
        return code

    def _language(self, config: Config) -> Lang:
        if self._options.language:
            return Lang(self._options.language)
        now = Lang(config.language)
        while self._answers.is_attended:
            answer = self._console.ask(f"{words.LANGUAGE} [{now}]: ").casefold()
            if not answer or answer in _LANGUAGES:
                return _LANGUAGES[answer] if answer else now
            self._console.say(words.LANGUAGES)
        return now

    def _passphrase(self) -> Draft:
        self._say_step(0)
        found = find_passphrase(self._answers.given, self._file)
        is_in_file = False
        if self._place.store.exists():
            found = self._opening(found)
        elif found is not None:
            self._console.say(about.passphrase_found(self._where_passphrase(), self.lang))
            self._long(found.reveal())
        elif not self._answers.is_attended:
            raise ConfigError(words.missing(PASSPHRASE, f"{PASSPHRASE}=…", self.lang))
        else:
            found = self._new_passphrase()
            self._console.say()
            question = about.ask_passphrase_in_file(str(self._place.env_file), self.lang)
            is_in_file = self._answers.yes(question, default=False)
        if self._options.passphrase_in_env_file:
            is_in_file = True
        if is_in_file:
            quoted(found.reveal())
        return Draft(found, is_in_file)

    def _opening(self, found: Secret | None) -> Secret:
        """The passphrase of the store that is there."""
        if found is not None:
            try:
                self._open(found)
            except Troubled as error:
                raise ConfigError(explain(error.trouble, self.lang)) from None
            self._console.say(about.passphrase_found(self._where_passphrase(), self.lang))
            return found

        def check(text: str) -> Secret:
            self._open(Secret(text))
            return Secret(text)

        ask = self._answers.hidden(PASSPHRASE, about.ask_store_passphrase(self.lang))
        return self._answers.until_right(ask, check)

    def _open(self, passphrase: Secret) -> None:
        """Raises Troubled; ConfigError where nobody can try another one."""
        try:
            open_store(self._place.store, passphrase)
        except WrongPassphrase:
            raise Troubled(Trouble.WRONG_PASSPHRASE) from None
        except StoreDamaged:
            raise ConfigError(explain(Trouble.STORE_DAMAGED, self.lang)) from None

    def _new_passphrase(self) -> Secret:
        ask = self._answers.hidden(
            PASSPHRASE, about.ask_new_passphrase(LEAST_PASSPHRASE, self.lang)
        )

        def check(text: str) -> Secret:
            if not text:
                return self._generated()
            self._long(text)
            if self._console.ask_hidden(about.ask_again(self.lang)) != text:
                raise ConfigError(about.passphrases_differ(self.lang))
            return Secret(text)

        return self._answers.until_right(ask, check)

    def _generated(self) -> Secret:
        groups = ("".join(secrets.choice(_EASY) for _ in range(_GROUP)) for _ in range(_GROUPS))
        made = "-".join(groups)
        self._console.say(about.generated(made, self.lang))
        self._console.ask(about.ask_written_down(self.lang))
        return Secret(made)

    def _long(self, text: str) -> None:
        if len(text) < LEAST_PASSPHRASE:
            raise ConfigError(about.passphrase_too_short(LEAST_PASSPHRASE, self.lang))

    def _where_passphrase(self) -> str:
        if self._answers.given.get(PASSPHRASE, "").strip():
            return PASSPHRASE
        return str(self._place.env_file) if PASSPHRASE in self._file.values else "systemd"

    def _values_there(self, draft: Draft) -> dict[str, tuple[str, str]]:
        """By name: the value in force, and where it is kept."""
        return values_there(self._place.store, draft.passphrase, self._file)

    def _say_step(self, number: int) -> None:
        self._console.say(words.heading(number + 1, words.STEPS[number], self.lang))

    def _say_wait(self, span: timedelta) -> None:
        self._console.say(words.waiting(int(span.total_seconds()), self.lang))


def values_there(store: Path, passphrase: Secret, file: EnvFile) -> dict[str, tuple[str, str]]:
    """By name: the value in force but for the environment's, and where it is kept."""
    entries = SecretStore.open(store, passphrase).entries if store.exists() else {}
    found = {name: (entry.value.reveal(), store.name) for name, entry in entries.items()}
    return found | {name: (text, ".env") for name, text in file.values.items()}


def run_setup(world: World, console: Console, options: argparse.Namespace) -> int:
    """Run it; broken off before the answers are kept it has changed nothing. Raises ConfigError."""
    wizard = Wizard(world, console, options)
    try:
        return wizard.run()
    except ConfigError as error:
        told = in_words(str(error), wizard.lang)
        raise ConfigError(words.stopped(told, wizard.lang)) from None
    except (EOFError, KeyboardInterrupt):
        console.say(words.interrupted(wizard.lang, is_kept=wizard.is_kept))
        return FAILED
