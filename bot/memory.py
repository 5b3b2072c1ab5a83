"""What is freed goes back to the machine: glibc keeps more of it the longer a program runs.

Its threshold from which a block is mapped by itself, and given back as soon as it is freed, rises
with the first large block that is (mallopt(3)). Pictures, master files and replies are such blocks:
in a day of both desks the heap grew by 6 % although nothing was kept (``python -m tests.soak``).
"""

from __future__ import annotations

import ctypes

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of malloc.h
_KIB_128 = 128 * 1024  # glibc's own beginning; stated, it no longer rises
_ARENAS = 2  # threads only wait for the disk
TRIM_EVERY_S = 60.0


def trim() -> None:
    """Give back the free pages between what is kept; nothing without glibc.

    Takes some milliseconds for a hundred MiB, so it is not for the loop.
    """
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (OSError, AttributeError, TypeError):
        return


def give_freed_memory_back() -> bool:
    """Fix the thresholds of this process; False where there is no glibc."""
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):  # musl, macOS, Windows
        return False
    options = {_TRIM_THRESHOLD: _KIB_128, _MMAP_THRESHOLD: _KIB_128, _ARENA_MAX: _ARENAS}
    return all(set_option(option, value) == 1 for option, value in options.items())
