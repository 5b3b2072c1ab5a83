"""Looks whether config.yaml changed on disk, and applies what may change while running."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from engine.flow.settings import EffectiveSettings, Reloaded

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


async def watch_file(
    path: Path | None,
    settings: EffectiveSettings,
    on_change: Callable[[Reloaded], Awaitable[None]],
    pause: Callable[[float], Awaitable[None]],
) -> None:
    """Reload on each change, for ever. A bad edit changes nothing and is told."""
    stamp = _stamp(path)
    while True:
        await pause(LOOK_EVERY_S)
        seen = _stamp(path)
        if seen == stamp:
            continue
        stamp = seen
        result = settings.reload()
        log.info("config file changed: %s", result)
        if result != Reloaded():
            await on_change(result)


def _stamp(path: Path | None) -> tuple[int, int] | None:
    try:
        found = path.stat() if path is not None else None
    except OSError:
        return None
    return None if found is None else (found.st_mtime_ns, found.st_size)
