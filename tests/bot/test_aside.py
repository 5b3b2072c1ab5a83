"""Work beside the loop."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from threading import Event

import pytest

from bot.aside import aside
from tests.bot.stage import until


async def test_the_loop_gets_its_turn_sooner_while_a_thread_works() -> None:
    usual = sys.getswitchinterval()
    assert await aside(sys.getswitchinterval) < usual / 5
    assert sys.getswitchinterval() == usual


async def test_work_that_fails_leaves_everything_as_it_was() -> None:
    usual = sys.getswitchinterval()
    with pytest.raises(ZeroDivisionError):
        await aside(lambda: 1 // 0)
    assert sys.getswitchinterval() == usual


@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_it_lasts_until_the_last_thread_has_ended(*, is_cancelled: bool) -> None:
    usual, ends, begun = sys.getswitchinterval(), Event(), Event()

    def work() -> None:
        begun.set()
        assert ends.wait(10)

    task = asyncio.ensure_future(aside(work))
    await until(begun.is_set)
    if is_cancelled:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await aside(int)
    assert sys.getswitchinterval() < usual / 5
    ends.set()
    await until(lambda: sys.getswitchinterval() == usual)
    if not is_cancelled:
        await task
