"""``backup`` and ``restore``: which files, which keys, and what is said of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from engine.adapters.backup.making import make_backup
from engine.adapters.backup.manifest import SECRETS_FILE, Manifest
from engine.adapters.backup.restoring import ensure_finished, restore_backup
from engine.adapters.backup.retention import name_of, superseded
from engine.adapters.backup.tempering import Keys
from engine.config import Config
from engine.errors import BackupFailed
from engine.flow.settings import LOCK, SMALL
from engine.model.ids import DeskName, DeskState
from engine.ports.chat_store import ChatValues
from engine.ports.settings import SettingsStore
from engine.wiring.places import DEMO_FILE, LIVE_KEYS, RESTORED

_KEYS = Keys(confirmed=LIVE_KEYS, restored=RESTORED, marks=(LOCK, SMALL))


def backup_lines(
    data: Path, target: Path, *, program: str, now: datetime, force: bool
) -> Iterator[str]:
    """Make one backup and tell what is in it. Raises ConfigError, BackupFailed."""
    ensure_finished(data)  # nor while one is under way
    is_demo = (data / DEMO_FILE).exists()
    manifest = make_backup(data, target, program=program, now=now, is_demo=is_demo, force=force)
    yield f"{target}: {target.stat().st_size} bytes, opened and checked"
    yield from _told(manifest)


def dated_backup_lines(
    data: Path, folder: Path, *, program: str, now: datetime, keep: int
) -> Iterator[str]:
    """As ``backup_lines`` under a name with the date; then the oldest go."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupFailed(f"{folder}: {error.strerror}") from None
    yield from backup_lines(data, folder / name_of(now), program=program, now=now, force=False)
    for name in superseded((path.name for path in folder.iterdir()), keep):
        (folder / name).unlink(missing_ok=True)
        yield f"removed {name} (kept: the newest {keep})"


def restore_lines(archive: Path, data: Path, *, now: datetime) -> Iterator[str]:
    """Put a backup back. The caller holds the lock. Raises ConfigError, BackupFailed."""
    is_demo = (data / DEMO_FILE).exists()
    done = restore_backup(archive, data, _KEYS, now=now, is_demo=is_demo)
    yield f"{archive}: restored into {data}, opened and checked"
    yield from _told(done.manifest)
    if done.kept is not None:
        yield f"what was there before: {done.kept}"
    if done.kept_secrets:
        yield f"{SECRETS_FILE} of {data} stays (remove it first to take the backup's)"
    yield "The next start sells and cancels only, until /resume; no mode is higher than before."
    yield "LIVE goes on only where it was in force here; elsewhere confirm it again: /mode live"


async def restored_notice(
    config: Config, settings: SettingsStore, values: ChatValues
) -> tuple[str, ...]:
    """What the start message says until every desk's stop was released. Raises JournalFailed."""
    made_at = await values.get(RESTORED)
    if not made_at:
        return ()
    is_enabled = {DeskName.US: config.trading.enabled, DeskName.KRX: config.domestic.enabled}
    for desk in DeskName:
        stop = (await settings.latches(desk)).user
        if is_enabled[desk] and stop is not DeskState.RUNNING:
            return (f"restored:{made_at}",)
    await values.put(RESTORED, "")
    return ()


def _told(manifest: Manifest) -> Iterator[str]:
    yield f"made {manifest.made_at.isoformat(timespec='seconds')} by version {manifest.program}"
    for member in manifest.members:
        if member.schema is None:
            yield f"  {member.name}: {member.size} bytes, encrypted as it lies there"
            continue
        days = member.last_days or {}
        until = "".join(f", {desk} until {day}" for desk, day in sorted(days.items()))
        yield f"  {member.name}: {member.size} bytes, version {member.schema}{until}"
