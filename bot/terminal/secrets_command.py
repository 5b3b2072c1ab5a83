"""``run.py secrets set NAME | list | import .env | rotate``."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from bot.format.lang import Lang
from bot.terminal import secret_words as words
from bot.terminal.console import Console
from bot.terminal.secret_words import Origin, Row
from bot.terminal.setup_kis import PAPER, REAL, check_shape
from bot.terminal.setup_telegram import Troubled, check_token
from bot.terminal.troubles import explain
from bot.terminal.typed_passphrase import opened_by_hand
from engine.adapters.kakao import KEPT_UNDER
from engine.adapters.secrets import (
    PASSPHRASE,
    RENEWABLE,
    STORABLE,
    STORE_FILE,
    TOKEN_FILE,
    EnvFile,
    Secret,
    SecretStore,
    TokenStore,
    alone,
    checked,
    ensure_private,
    find_passphrase,
    is_old,
    open_store,
    read_env_file,
    wipe_env_file,
)
from engine.errors import ConfigError

OK, FAILED, MISCONFIGURED = 0, 1, 2
LEAST_PASSPHRASE = 12
BOT_TOKEN = "TELEGRAM_BOT_TOKEN"  # noqa: S105 - a name
_YES = ("y", "yes", "예", "네")


@dataclass(frozen=True, slots=True)
class Place:
    """Where secrets are looked for and kept."""

    data: Path
    env_file: Path
    environ: Mapping[str, str]

    @property
    def store(self) -> Path:
        """The encrypted file."""
        return self.data / STORE_FILE


class SecretsCommand:
    """One command. Raises ConfigError for exit code 2, EOFError and KeyboardInterrupt."""

    def __init__(
        self, place: Place, console: Console, lang: Lang, now: Callable[[], datetime]
    ) -> None:
        self._place = place
        self._console = console
        self._lang = lang
        self._now = now
        self._file = read_env_file(place.env_file)

    def run(self, options: argparse.Namespace) -> int:
        """The exit code."""
        if options.action == "list":
            return self._list()
        with alone(self._place.data):
            match options.action:
                case "set":
                    return self._set(options.name or "")
                case "import":
                    return self._import(options)
                case _:
                    return self._rotate()

    def _set(self, name: str) -> int:
        lang = self._lang
        if not name:
            raise ConfigError(words.usage(lang, STORABLE))
        if name not in STORABLE:
            near = get_close_matches(name.upper(), STORABLE, n=1)
            raise ConfigError(words.unknown_name(name, near[0] if near else None, lang))
        store = self._open()
        value = checked(name, self._console.ask_hidden(words.ask_value(name, lang)))
        if not value:
            raise ConfigError(words.no_value(name, lang))
        self._ensure_shape(name, value)
        store.put({name: value}, self._now())
        fingerprint = store.fingerprint(name, value)
        self._console.say(words.kept(name, fingerprint, str(self._place.store), lang))
        origin = self._origin(name)
        if origin is not Origin.STORE:
            self._console.say(words.overruled(name, origin, lang))
        self._console.say(words.at_next_start(lang))
        return OK

    def _ensure_shape(self, name: str, value: str) -> None:
        """As the wizard looks at it before anybody is asked. Raises ConfigError."""
        try:
            if name == BOT_TOKEN:
                check_token(value)
            for names in (REAL, PAPER):
                check_shape(names, name, value)
        except Troubled as error:
            told = explain(error.trouble, self._lang)
            raise ConfigError(words.wrong_shape(name, told, self._lang)) from None

    def _list(self) -> int:
        store = self._open() if self._place.store.exists() else None
        rows = [row for name in STORABLE if (row := self._row(name, store)) is not None]
        if store is not None:
            rows.append(self._passphrase_row(store))
        self._console.say(words.table(rows, self._lang))
        if store is not None:
            self._console.say(words.about_fingerprints(self._lang))
        return OK

    def _row(self, name: str, store: SecretStore | None) -> Row | None:
        text, since = self._in_force(name, store)
        origin = self._origin(name)
        if not text:
            return None
        kept = store is not None and name in store.entries
        return Row(
            name,
            origin,
            None if since is None else (self._now() - since).days,
            "" if store is None else store.fingerprint(name, text),
            is_old=name in RENEWABLE and since is not None and is_old(since, self._now()),
            is_overruled=kept and origin is not Origin.STORE,
        )

    def _in_force(self, name: str, store: SecretStore | None) -> tuple[str, datetime | None]:
        """The value that wins, and since when it is known to be the same."""
        match self._origin(name):
            case Origin.ENVIRONMENT:
                return checked(name, self._place.environ[name]), None
            case Origin.FILE:
                return checked(name, self._file.values[name]), self._file.written_at
            case _:
                entry = None if store is None else store.entries.get(name)
                return ("", None) if entry is None else (entry.value.reveal(), entry.set_at)

    def _passphrase_row(self, store: SecretStore) -> Row:
        since = store.passphrase_set_at or self._now()
        origin = self._origin(PASSPHRASE)
        return Row(
            PASSPHRASE,
            Origin.OUTSIDE if origin is Origin.STORE else origin,
            (self._now() - since).days,
            "",
            is_old=is_old(since, self._now()),
        )

    def _import(self, options: argparse.Namespace) -> int:
        lang, source = self._lang, Path(options.name or self._place.env_file)
        if not source.exists():
            raise ConfigError(words.nothing_to_import(str(source), lang))
        file = read_env_file(source)
        values = {
            name: checked(name, file.values[name]) for name in STORABLE if name in file.values
        }
        if not values or file.written_at is None:
            raise ConfigError(words.nothing_to_import(str(source), lang))
        store = self._open(file)
        # They are as old as the file says, not new.
        store.put(values, min(file.written_at, self._now()))
        self._console.say(words.imported(tuple(values), lang))
        if self._wants_wipe(options, source):
            wipe_env_file(source, values, _remark(self._place.store, self._now()))
            self._console.say(words.wiped(str(source), lang))
        else:
            self._console.say(words.left_in_clear(str(source), lang))
        if PASSPHRASE in file.values:
            self._console.say(words.passphrase_beside(PASSPHRASE, str(source), lang))
        return OK

    def _wants_wipe(self, options: argparse.Namespace, source: Path) -> bool:
        if options.wipe or options.keep or not self._console.is_person:
            return bool(options.wipe)
        return self._console.ask(words.ask_wipe(str(source), self._lang)).casefold() in _YES

    def _rotate(self) -> int:
        if not self._place.store.exists():
            raise ConfigError(words.nothing_to_rotate(str(self._place.store), self._lang))
        store = self._open()
        # Encrypted under the old passphrase, which somebody may know by now. What can be asked for
        # again is left behind with it.
        tokens = TokenStore(self._place.data / TOKEN_FILE, store.passphrase)
        store.rotate(self._new_passphrase(), self._now())
        tokens.under(store.passphrase, (KEPT_UNDER,))
        self._console.say(words.rotated(self._lang))
        return OK

    def _open(self, file: EnvFile | None = None) -> SecretStore:
        """The store, or a new one under a passphrase chosen now."""
        ensure_private(self._place.data.resolve())
        ensure_private(self._place.store)
        found = find_passphrase(self._place.environ, file or self._file)
        is_new = not self._place.store.exists()
        if found is None and not self._console.is_person:
            raise ConfigError(words.no_passphrase(PASSPHRASE, self._lang))
        if found is None and is_new:
            found = self._new_passphrase()
            self._console.say(words.new_store(PASSPHRASE, self._lang))
        if found is None:
            question = words.ask_passphrase(self._lang)
            return opened_by_hand(
                *(self._place.store, lambda: self._console.ask_hidden(question)),
                *(self._console.say, self._lang),
            )
        if is_new:
            self._ensure_long(found)
        return open_store(self._place.store, found)

    def _new_passphrase(self) -> Secret:
        lang, console = self._lang, self._console
        chosen = Secret(console.ask_hidden(words.ask_new_passphrase(LEAST_PASSPHRASE, lang)))
        self._ensure_long(chosen)
        if console.is_person and Secret(console.ask_hidden(words.ask_again(lang))) != chosen:
            raise ConfigError(words.passphrases_differ(lang))
        return chosen

    def _ensure_long(self, passphrase: Secret) -> None:
        if len(passphrase.reveal()) < LEAST_PASSPHRASE:
            raise ConfigError(words.passphrase_too_short(LEAST_PASSPHRASE, self._lang))

    def _origin(self, name: str) -> Origin:
        if self._place.environ.get(name, "").strip():
            return Origin.ENVIRONMENT
        return Origin.FILE if name in self._file.values else Origin.STORE


def run_secrets(
    options: argparse.Namespace,
    environ: Mapping[str, str],
    console: Console,
    lang: Lang,
    now: Callable[[], datetime],
) -> int:
    """Run it; whatever is broken off leaves what is kept as it was. Raises ConfigError."""
    place = Place(options.data_dir, options.env_file, environ)
    try:
        return SecretsCommand(place, console, lang, now).run(options)
    except (EOFError, KeyboardInterrupt):
        console.say(words.interrupted(lang))
        return FAILED


def add_secrets_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes beside the options of every command."""
    parser.add_argument("action", choices=("set", "list", "import", "rotate"))
    parser.add_argument("name", nargs="?")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--wipe", action="store_true")
    how.add_argument("--keep", action="store_true")


def _remark(store: Path, now: datetime) -> str:
    return f"in the encrypted store since {now:%Y-%m-%d} ({store})"
