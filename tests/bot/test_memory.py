"""Freed memory leaves the process."""

import platform
import subprocess
import sys

import pytest

# Bytes mapped by malloc for single blocks: of a large one, after an even larger one was freed.
MAPPED = """
import ctypes
from bot.memory import give_freed_memory_back

class Figures(ctypes.Structure):
    _fields_ = [("f" + str(n), ctypes.c_size_t) for n in range(10)]

if {is_asked}:
    assert give_freed_memory_back()
mallinfo = ctypes.CDLL(None).mallinfo2
mallinfo.restype = Figures
large = bytes(4_000_000)
del large
smaller = bytes(1_000_000)
print(mallinfo().f4)
"""

# MiB in memory before and after, when every second of many blocks was freed.
TRIMMED = """
from pathlib import Path
from bot.memory import trim

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024

blocks = [bytearray(20_000) for _ in range(2_000)]
kept = blocks[::2]
del blocks
before = resident()
trim()
print(before - resident())
"""

GLIBC = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a matter of glibc's malloc")


@GLIBC
def test_a_large_block_is_mapped_by_itself_whatever_was_freed_before() -> None:
    assert mapped(is_asked=True) > 1_000_000
    assert mapped(is_asked=False) < 1_000_000, "glibc does that by itself: bot/memory.py may go"


@GLIBC
def test_free_pages_between_kept_blocks_leave_the_process() -> None:
    assert printed(TRIMMED) > 10


def mapped(*, is_asked: bool) -> int:
    return printed(MAPPED.format(is_asked=is_asked))


def printed(program: str) -> int:
    child = [sys.executable, "-c", program]
    done = subprocess.run(child, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return int(done.stdout)
