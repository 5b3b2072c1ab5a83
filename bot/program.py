"""The commands that work without a dialogue, and the assistant itself, wired."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from bot import __version__
from bot.chat import ChatStores, HumanTime
from bot.command_line import asked_for, nearest_command
from bot.drill import SandboxDrills
from bot.format.lang import Lang
from bot.format.start_notices import OLD_KEY
from bot.lock import AlreadyRunning, held_lock
from bot.memory import give_freed_memory_back
from bot.process import Process, ProcessSettings
from bot.signals import Signals
from bot.systemd import Systemd
from bot.terminal import command_words as words
from bot.terminal import here
from bot.terminal.backup_command import run_backup
from bot.terminal.backup_options import BACKUP, RESTORE
from bot.terminal.chat_settings import chat_settings
from bot.terminal.check_command import check, cut_short
from bot.terminal.dispatch import TERMINAL, in_terminal
from bot.terminal.doctor_command import Patient, doctor
from bot.terminal.doctor_local import missing_from
from bot.terminal.language import language_for, language_of
from bot.terminal.refusals import in_words
from bot.terminal.replay_command import replay
from bot.terminal.report_command import report
from bot.terminal.stop_command import stop
from bot.terminal.typed_passphrase import store_opener
from bot.terminal.voice import Voice, spoken
from bot.typed_secrets import Finds, looks_secret
from engine.adapters.logs.background import Stderr
from engine.adapters.logs.recent import RecentLines
from engine.adapters.secrets import (
    STORE_FILE,
    Recogniser,
    RedactingFormatter,
    Redactor,
    Secrets,
    hide_last_words,
    load_secrets,
    old_names,
)
from engine.config import Config, load_config
from engine.errors import ConfigError, TradingError
from engine.flow.settings import Reloaded
from engine.flow.supervisor import human_monotonic, human_now, human_pause
from engine.wiring import Assembly, Paths, make_clock, open_assembly, sandbox_of
from engine.wiring.logs import open_logs
from engine.wiring.permissions import ensure_unaltered, make_private
from engine.wiring.self_report import SelfReports

OK, FAILED, MISCONFIGURED, ALREADY_RUNNING = 0, 1, 2, 3
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@dataclass(frozen=True, slots=True)
class Settings:
    """What every command begins with."""

    paths: Paths
    env_file: Path
    config: Config
    secrets: Secrets


def run_command(given: list[str], environ: Mapping[str, str]) -> int:
    """Run one command; the exit codes are the operator's contract."""

    @cache
    def lang() -> Lang:  # `stop` waits for no file
        return language_for(given)

    if given[:1] and given[0] in TERMINAL:
        return in_terminal(given, _human_time(), run_command)
    if given[:1] and given[0] in (BACKUP, RESTORE):
        return run_backup(given, human_now, lang())
    unknown = nearest_command(given, (*TERMINAL, BACKUP, RESTORE))
    if unknown is not None:
        sys.stderr.write(words.unknown_command(*unknown, lang()) + "\n")
        return MISCONFIGURED
    options = asked_for(given, lang)
    try:
        return _run(options, environ)
    except ConfigError as error:
        told = in_words(str(error), lang())
        if options.command == "check-config":
            told = cut_short(told, options, lang())
        sys.stderr.write(f"{told}\n")
        return MISCONFIGURED
    except AlreadyRunning:
        told = words.runs_already(str(options.data_dir), _elsewhere(options), lang())
        sys.stderr.write(f"{told}\n")
        return ALREADY_RUNNING


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if options.command == "stop":
        # Must work whatever config.yaml and .env have become since the start.
        return stop(options.data_dir, lambda: language_of(options.config))
    if options.command == "replay":
        return replay(options, load_config(_config_path(options)).config)
    if options.command == "report":
        return report(options, load_config(_config_path(options)).config, human_now)
    mended = _make_safe(options)
    secrets = load_secrets(
        *(options.env_file, environ, options.data_dir / STORE_FILE),
        ask=store_opener(language_of(options.config)),
    )
    secrets = replace(secrets, notices=(*mended, *secrets.notices))
    hide_last_words(Redactor(secrets))
    hide = Redactor(secrets).hide
    try:
        return _run_with(options, secrets, environ)
    except ConfigError as error:
        # A key pasted into the wrong file must not be printed back.
        raise ConfigError(hide(str(error))) from None


def _run_with(options: argparse.Namespace, secrets: Secrets, environ: Mapping[str, str]) -> int:
    config_path = _config_path(options)
    if options.command == "check-config":
        return check(options, config_path, secrets)
    settings = Settings(
        Paths(options.data_dir, config_path, options.record),
        options.env_file,
        load_config(config_path).config,
        secrets,
    )
    _log_to_stderr(secrets, options.log_level)
    if options.command == "doctor":
        return _doctor(settings, environ)
    _ensure_complete(settings, options)
    give_freed_memory_back()
    signals = Signals()
    signals.install()
    try:
        data = settings.paths.data
        lang = Lang(settings.config.language)
        with (
            spoken(lang, _elsewhere(options)) as voice,
            held_lock(data),
            open_logs(data, secrets) as recent,
        ):
            return asyncio.run(_bot(settings, signals, recent, voice))
    finally:
        signals.ignore()


def _ensure_complete(settings: Settings, options: argparse.Namespace) -> None:
    missing = missing_from(settings.secrets)
    if missing.names:
        looked_in = f"{settings.env_file}, {settings.paths.data / STORE_FILE}"
        lang = Lang(settings.config.language)
        raise ConfigError(
            words.keys_missing(missing.names, missing.instead, looked_in, _elsewhere(options), lang)
        )


def _elsewhere(options: argparse.Namespace) -> str:
    return here.elsewhere(options.data_dir, options.config, options.env_file)


def _make_safe(options: argparse.Namespace) -> tuple[str, ...]:
    """Before anything is read for a start; what had to be mended. Raises ConfigError."""
    if options.command not in {"bot", "doctor"}:
        return ()
    ensure_unaltered(_config_path(options))
    return make_private(options.data_dir, options.env_file)


def _config_path(options: argparse.Namespace) -> Path | None:
    path: Path = options.config
    try:
        if path.exists():
            return path
    except OSError as error:
        raise ConfigError(f"{path}: cannot be looked at: {error.strerror}") from None
    if path != Path("config.yaml"):
        raise ConfigError(f"{path}: no such file")
    return None


async def _bot(
    settings: Settings, signals: Signals, recent: RecentLines, voice: Voice | None
) -> int:
    """The assistant until it is stopped; 1 after a fatal error."""
    clock = make_clock(settings.paths.data, settings.config)
    ending: list[Process] = []
    async with open_assembly(
        settings.paths,
        settings.secrets,
        clock,
        version=__version__,
        end_program=lambda: ending[0].end(),  # noqa: PLW0108 - not there yet
    ) as (assembly, notices):
        for notice in notices:
            logging.getLogger(__name__).warning("start: %s", notice)
        kept = assembly.stores
        stores = ChatStores(kept.nonces, kept.values, kept.outbox, settings.paths.data)
        process = Process(
            *(assembly, stores, _process_settings(settings), _human_time()),
            notices=(*settings.secrets.notices, *notices, *_old_keys(settings.secrets)),
            systemd=Systemd(os.environ),
            drills=_drills(settings),
            report=_self_reports(settings, assembly, recent),
            finds_secret=_finds_secret(settings.secrets),
            voice=voice,
        )
        ending.append(process)
        hide = Redactor(settings.secrets).hide

        async def tell_reloaded(result: Reloaded) -> None:
            process.tell_reloaded(result.changed, result.at_next_start, hide(result.refused))

        assembly.on_reload.append(tell_reloaded)
        process.obey(signals)
        try:
            await process.run()
        except TradingError:
            logging.getLogger(__name__).exception("fatal; the next start asks the broker")
            return FAILED
    return OK


def _old_keys(secrets: Secrets) -> tuple[str, ...]:
    return tuple(
        f"{OLD_KEY}:{name}:{days}" for name, days in old_names(secrets.set_at, human_now())
    )


def _finds_secret(secrets: Secrets) -> Finds:
    """By its shape, or one of those in use."""
    known = Recogniser(secrets)
    return lambda text: looks_secret(text) or known.finds(text)


def _self_reports(settings: Settings, assembly: Assembly, recent: RecentLines) -> SelfReports:
    """What /logs and /bundle tell."""
    effective = assembly.settings
    return SelfReports(
        *(settings.paths.data, settings.secrets, recent, lambda: effective.loaded, __version__)
    )


def _drills(settings: Settings) -> SandboxDrills | None:
    """A demo's sandbox; in any other directory there is nothing to drill with."""
    root = sandbox_of(settings.paths.data, settings.config)
    return None if root is None else SandboxDrills(root)


def _doctor(settings: Settings, environ: Mapping[str, str]) -> int:
    patient = Patient(
        *(settings.paths, settings.env_file, settings.config, settings.secrets),
        *(environ, __version__),
    )
    return doctor(patient, lambda line: print(line, flush=True), human_now)


def _process_settings(settings: Settings) -> ProcessSettings:
    secrets, config = settings.secrets, settings.config
    chat = chat_settings(config, secrets.telegram_user_ids)
    token = secrets.telegram_token  # there: _ensure_complete has looked
    text = "" if token is None else token.reveal()
    return ProcessSettings(config.health.host, config.health.port, chat, text)


def _human_time() -> HumanTime:
    return HumanTime(now=human_now, monotonic=human_monotonic, pause=human_pause)


def _log_to_stderr(secrets: Secrets, level: str) -> None:
    handler = Stderr()
    handler.setFormatter(RedactingFormatter(secrets, fmt=LOG_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Only our own words: libraries write addresses with the bot token, frames and SQL values.
    # In an outage PTB would log each unreadable answer with its traceback, once a second.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
    for name in ("bot", "engine"):
        logging.getLogger(name).setLevel(level)
