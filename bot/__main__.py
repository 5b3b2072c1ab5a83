"""``python -m bot COMMAND``: what ``run.py`` hands over to."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bot import __version__
from bot.chat import ChatSettings, ChatStores, HumanTime
from bot.command_line import make_parser
from bot.drill import SandboxDrills
from bot.format.start_notices import OLD_KEY
from bot.lock import AlreadyRunning, held_lock, holder_of
from bot.memory import give_freed_memory_back
from bot.process import Process, ProcessSettings
from bot.report_run import Asked, period_of, run_report
from bot.signals import STOP_ALL, Signals
from bot.systemd import Systemd
from bot.terminal.backup_command import run_backup
from bot.terminal.backup_options import BACKUP, RESTORE
from bot.terminal.console import passphrase_asker
from bot.terminal.dispatch import TERMINAL, in_terminal
from bot.terminal.doctor_command import Patient, run_doctor
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
from engine.adapters.sqlite.looks import mode_of
from engine.config import Config, as_lines, load_config
from engine.errors import ConfigError, TradingError
from engine.flow.settings import Reloaded
from engine.flow.supervisor import human_monotonic, human_now, human_pause
from engine.model.ids import DeskName
from engine.wiring import Assembly, Paths, make_clock, open_assembly, sandbox_of
from engine.wiring.logs import open_logs
from engine.wiring.permissions import ensure_unaltered, make_private
from engine.wiring.places import DEMO_FILE
from engine.wiring.relive import DIFFERENCE, relive_lines
from engine.wiring.replay import VIOLATION, replay_lines
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


def main(arguments: list[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Run one command; the exit codes are the operator's contract."""
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] and given[0] in TERMINAL:
        return in_terminal(given, _human_time(), main)
    if given[:1] and given[0] in (BACKUP, RESTORE):
        return run_backup(given, human_now)
    parser = make_parser()
    options = parser.parse_intermixed_args(given)
    if (options.command == "report") != bool(options.period):
        parser.error("report needs a period, and nothing else takes one")
    if options.command == "report":
        try:
            options.period = period_of(options.period, options.until)
        except ValueError as error:
            parser.error(str(error))
    try:
        return _run(options, environ)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    except AlreadyRunning as error:
        sys.stderr.write(f"{error}\n")
        return ALREADY_RUNNING


def _run(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if options.command == "stop":
        # Must work whatever config.yaml and .env have become since the start.
        return _stop(options.data_dir)
    if options.command == "replay":
        return _replay(options)
    if options.command == "report":
        return _report(options)
    mended = _make_safe(options)
    secrets = load_secrets(
        *(options.env_file, environ, options.data_dir / STORE_FILE), ask=passphrase_asker()
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
    loaded = load_config(config_path)
    settings = Settings(
        Paths(options.data_dir, config_path, options.record),
        options.env_file,
        loaded.config,
        secrets,
    )
    if options.command == "check-config":
        print("\n".join([*as_lines(loaded), *loaded.notices, *secrets.notices]))
        return OK
    _log_to_stderr(secrets, options.log_level)
    if options.command == "doctor":
        return asyncio.run(_doctor(settings, environ))
    give_freed_memory_back()
    signals = Signals()
    signals.install()
    try:
        data = settings.paths.data
        with held_lock(data), open_logs(data, secrets) as recent:
            return asyncio.run(_bot(settings, signals, recent))
    finally:
        signals.ignore()


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


def _replay(options: argparse.Namespace) -> int:
    """What was recorded through a desk; neither keys nor a data directory are touched."""
    config = load_config(_config_path(options)).config
    if options.recording is not None:
        lines = relive_lines(options.recording, config)
    else:
        lines = replay_lines(options.minutes, config, day=options.date, symbol=options.symbol)
    is_sound = True
    for line in lines:
        print(line, flush=True)
        is_sound = is_sound and not line.lstrip().startswith((VIOLATION, DIFFERENCE))
    return OK if is_sound else FAILED


def _report(options: argparse.Namespace) -> int:
    config = load_config(_config_path(options)).config
    data = options.data_dir
    modes = {desk: options.mode or mode_of(data, desk) for desk in DeskName}
    ran = {desk: mode for desk, mode in modes.items() if mode is not None}
    now = None if (data / DEMO_FILE).exists() else human_now()
    asked = Asked(data, options.period, ran, now, options.out)
    return OK if run_report(asked, _chat_settings(config, ())) else FAILED


async def _bot(settings: Settings, signals: Signals, recent: RecentLines) -> int:
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
        said = (*settings.secrets.notices, *notices, *_old_keys(settings.secrets))
        process = Process(
            *(assembly, stores, _process_settings(settings), _human_time()),
            notices=said,
            systemd=Systemd(os.environ),
            drills=_drills(settings),
            report=_self_reports(settings, assembly, recent),
            finds_secret=_finds_secret(settings.secrets),
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


async def _doctor(settings: Settings, environ: Mapping[str, str]) -> int:
    patient = Patient(
        *(settings.paths, settings.env_file, settings.config, settings.secrets),
        *(environ, __version__),
    )
    return await run_doctor(patient, lambda line: print(line, flush=True), human_now)


def _stop(data: Path) -> int:
    """The machine-side stop: SIGUSR1 to whoever holds the data directory."""
    pid = holder_of(data)
    if pid is None:
        print("Nothing runs on this data directory.")
        return FAILED
    os.kill(pid, STOP_ALL)
    print(f"Process {pid} was told to stop and to come up with exits only.")
    return OK


def _process_settings(settings: Settings) -> ProcessSettings:
    secrets, config = settings.secrets, settings.config
    if secrets.telegram_token is None:
        raise ConfigError(f"{settings.env_file}: TELEGRAM_BOT_TOKEN is missing")
    chat = _chat_settings(config, secrets.telegram_user_ids)
    return ProcessSettings(
        config.health.host, config.health.port, chat, secrets.telegram_token.reveal()
    )


def _chat_settings(config: Config, user_ids: tuple[int, ...]) -> ChatSettings:
    return ChatSettings(
        user_ids=user_ids,
        language=config.language,
        base_url=config.telegram.base_url,
        base_file_url=config.telegram.base_file_url,
        confirm_s=config.telegram.confirm_s,
        late_after_s=config.telegram.late_after_s,
        remind_s=config.telegram.remind_s,
        chart_theme=config.telegram.chart_theme,
        chart_colours=config.telegram.chart_colours,
    )


def _human_time() -> HumanTime:
    return HumanTime(now=human_now, monotonic=human_monotonic, pause=human_pause)


def _log_to_stderr(secrets: Secrets, level: str) -> None:
    handler = Stderr()
    handler.setFormatter(RedactingFormatter(secrets, fmt=LOG_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    # Only our own words: libraries write addresses with the bot token, frames and SQL values.
    # In an outage PTB would log each unreadable answer with its traceback, once a second.
    logging.getLogger("telegram.request").setLevel(logging.CRITICAL)
    for name in ("__main__", "bot", "engine"):
        logging.getLogger(name).setLevel(level)


if __name__ == "__main__":
    os.umask(0o077)  # whatever is written is its owner's alone
    sys.exit(main())
