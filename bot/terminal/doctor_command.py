"""``run.py doctor``: connects once to everything, or asks the assistant that runs already."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.format.lang import Lang
from bot.lock import holder_of
from bot.terminal import here
from bot.terminal.doctor import Probes, examine
from bot.terminal.doctor_chat import ChatCheck, assistant_probes
from bot.terminal.doctor_local import Machine
from bot.terminal.refusals import in_words
from bot.terminal.setup_telegram import Addresses
from engine.adapters.secrets import Redactor, Secrets
from engine.config import Config
from engine.ports.clock import Clock
from engine.wiring import Paths, make_clock, open_assembly

STATE_FILE = "state.db"
KILLED = 1


@dataclass(frozen=True, slots=True)
class Patient:
    """What is examined."""

    paths: Paths
    env_file: Path
    config: Config
    secrets: Secrets
    environ: Mapping[str, str]
    version: str


def doctor(patient: Patient, say: Callable[[str], None], now: Callable[[], datetime]) -> int:
    """``run_doctor`` as a process; a kill ends it as Ctrl-C does, and it cleans up."""
    try:
        return asyncio.run(_until_killed(run_doctor(patient, say, now)))
    except asyncio.CancelledError:
        return KILLED


async def _until_killed(look: Coroutine[None, None, int]) -> int:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - in a coroutine there is one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await look


async def run_doctor(
    patient: Patient, say: Callable[[str], None], now: Callable[[], datetime]
) -> int:
    """0 when all is well, 1 when something is not. Raises ConfigError."""
    hide = Redactor(patient.secrets).hide
    lang = Lang(patient.config.language)
    clock = make_clock(patient.paths.data, patient.config)
    async with AsyncExitStack() as stack:
        probes = [
            *_machine(patient, now).probes(),
            *_chat(patient, clock),
            *await _engine(patient, clock, stack),
        ]
        for notice in patient.secrets.notices:  # what had to be mended, for one
            say(hide(f"⚠️ {in_words(notice, lang)}"))
        return await examine(probes, lambda line: say(hide(here.adapted(line))), lang)


def _machine(patient: Patient, now: Callable[[], datetime]) -> Machine:
    return Machine(
        patient.paths.data, patient.env_file, patient.secrets, frozenset(patient.environ), now
    )


def _chat(patient: Patient, clock: Clock) -> Probes:
    """Nothing without a token: the line of the secrets says so."""
    token, telegram = patient.secrets.telegram_token, patient.config.telegram
    if token is None:
        return []
    addresses = Addresses(telegram.base_url, telegram.base_file_url)
    users = patient.secrets.telegram_user_ids
    return ChatCheck(token.reveal(), users, addresses, patient.paths.data, clock.now).probes()


async def _engine(patient: Patient, clock: Clock, stack: AsyncExitStack) -> Probes:
    """KIS and the calendars; where the assistant runs, it is asked instead."""
    data, config = patient.paths.data, patient.config
    if holder_of(data) is not None:
        return assistant_probes(f"http://{config.health.host}:{config.health.port}/health")
    if not patient.secrets.has_real_keys and not patient.secrets.has_paper_keys:
        return []
    assembly, _ = await stack.enter_async_context(
        open_assembly(
            patient.paths,
            patient.secrets,
            clock,
            version=patient.version,
            end_program=lambda: None,
            state=_state(data, stack),
        )
    )
    return assembly.probes()


def _state(data: Path, stack: AsyncExitStack) -> Path:
    """state.db; where there is none, one that is gone afterwards: a look leaves nothing behind."""
    if (data / STATE_FILE).exists():
        return data / STATE_FILE
    return Path(stack.enter_context(TemporaryDirectory(prefix="dolpa-doctor-"))) / STATE_FILE
