"""Hostile inputs by the hundred thousand: ``python -m tests.fuzz --inputs 100000 --seed 1``.

Each input is drawn from the seed, the surface and its number alone. One that breaks something is
printed with the words that play it again (``--at``): after those of its block of 100 that came
before, since chat and buttons remember. An input may take 1 s of a core and 64 MB, no more.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys

from tests.fuzz.callback_surface import CallbackSurface
from tests.fuzz.chat_surface import ChatSurface
from tests.fuzz.config_surface import ConfigSurface
from tests.fuzz.frames_surface import FramesSurface
from tests.fuzz.play import play, play_again
from tests.fuzz.replies_surface import RepliesSurface
from tests.fuzz.surface import Surface

_HASH_SEED = "0"  # sets must be walked in the same order again


def surfaces() -> dict[str, Surface]:
    """All five, by name."""
    made: tuple[Surface, ...] = (
        *(ConfigSurface(), FramesSurface(), RepliesSurface(), ChatSurface(), CallbackSurface()),
    )
    return {one.name: one for one in made}


def main() -> int:
    """0 when nothing broke."""
    if os.environ.get("PYTHONHASHSEED") != _HASH_SEED:
        os.environ["PYTHONHASHSEED"] = _HASH_SEED
        os.execv(sys.executable, [sys.executable, "-m", "tests.fuzz", *sys.argv[1:]])  # noqa: S606
    known = surfaces()
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000, help="of each surface")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--surface", choices=list(known), default=None, help="one instead of all")
    parser.add_argument("--at", type=int, default=None, help="one input instead of many")
    options = parser.parse_args()
    if options.at is not None and options.surface is None:
        parser.error("--at needs --surface")
    logging.disable(logging.CRITICAL)
    is_broken = False
    for surface in known.values() if options.surface is None else (known[options.surface],):
        if options.at is None:
            result = play(surface, options.seed, options.inputs, say)
        else:
            result = play_again(surface, options.seed, options.at, say)
        say(result.line())
        say(f"    first check: {surface.first_check}")
        is_broken |= bool(result.failures)
    return 1 if is_broken else 0


def say(line: str) -> None:
    """At once: a run takes minutes."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
