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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a matter of glibc's malloc")
def test_a_large_block_is_mapped_by_itself_whatever_was_freed_before() -> None:
    assert mapped(is_asked=True) > 1_000_000
    assert mapped(is_asked=False) < 1_000_000, "glibc does that by itself: bot/memory.py may go"


def mapped(*, is_asked: bool) -> int:
    child = [sys.executable, "-c", MAPPED.format(is_asked=is_asked)]
    done = subprocess.run(child, check=True, capture_output=True, text=True)  # noqa: S603 - ours
    return int(done.stdout)
