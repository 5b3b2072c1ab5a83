"""Work beside the loop."""

from __future__ import annotations

import sys

import pytest

from bot.aside import aside


async def test_the_loop_gets_its_turn_sooner_while_a_thread_works() -> None:
    usual = sys.getswitchinterval()
    assert await aside(sys.getswitchinterval) < usual / 5
    assert sys.getswitchinterval() == usual


async def test_work_that_fails_leaves_everything_as_it_was() -> None:
    usual = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0)
    assert sys.getswitchinterval() == usual
