"""Services are restarted, given up loudly, and fatal errors end everything."""

import asyncio
from contextlib import suppress

import pytest

from engine.errors import InvariantBroken, JournalFailed
from engine.flow.supervisor import BUDGET, LONGEST_PAUSE_S, Service, Supervisor
from engine.flow.together import run_together
from tests.harness.stepped_loop import SteppedLoop, run_stepped


class Failing:
    def __init__(self, error: Exception) -> None:
        self.error = error
        self.runs = 0

    async def run(self) -> None:
        self.runs += 1
        raise self.error


def nobody(_name: str) -> None:
    raise AssertionError("not given up yet")


def test_a_failing_service_is_restarted_with_growing_pauses_and_given_up_once() -> None:
    service, pauses, given_up = Failing(ValueError("boom")), list[float](), list[str]()

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(seconds)

    async def main(loop: SteppedLoop) -> None:
        one = Supervisor((Service("feed", service.run),), on_give_up=given_up.append, pause=pause)
        with suppress(TimeoutError):
            async with asyncio.timeout(120):
                await one.run()
        assert one.restarts["feed"] == service.runs

    run_stepped(main)
    assert service.runs > BUDGET
    assert given_up == ["feed"]
    assert pauses[0] < pauses[1] < pauses[2]
    assert max(pauses) <= LONGEST_PAUSE_S * 1.2


@pytest.mark.parametrize("error", [JournalFailed("disk"), InvariantBroken("over-fill")])
def test_a_fatal_error_ends_everything(error: Exception) -> None:
    service = Failing(error)

    async def main(loop: SteppedLoop) -> None:
        await Supervisor((Service("desk", service.run),), on_give_up=nobody).run()

    with pytest.raises(type(error)) as caught:
        run_stepped(main)
    assert caught.value is error
    assert service.runs == 1


def test_the_first_error_of_tasks_that_live_together_comes_out_as_itself() -> None:
    async def fail() -> None:
        raise JournalFailed("disk")

    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def main(loop: SteppedLoop) -> None:
        await run_together(for_ever(), fail())

    with pytest.raises(JournalFailed):
        run_stepped(main)
