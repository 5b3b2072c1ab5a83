"""Facts reach the outbox once, also those that a crash left between the two databases."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.flow.publisher import Publisher
from engine.model.commands import CommandAnswered
from engine.model.ids import CommandId, DeskName, DeskState, Mode
from engine.model.state_facts import QuotaWarning, StateChanged
from engine.ports.journal import Entry, NumberedFact
from engine.ports.settings import Guard
from engine.wiring.tell import Teller
from tests.fakes.chat_store import FakeOutbox
from tests.fakes.journal import FakeJournal

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class FakeStore:
    """Remembers the latches it was given."""

    def __init__(self) -> None:
        self.guards: list[tuple[DeskName, Guard]] = []

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        self.guards.append((desk, guard))


def numbered(
    seq: int, fact: QuotaWarning | StateChanged | CommandAnswered, desk: DeskName = DeskName.US
) -> NumberedFact:
    return NumberedFact(seq, AT + timedelta(seconds=seq), desk, fact)


def teller(outbox: FakeOutbox, store: FakeStore) -> Teller:
    return Teller(store, outbox, Publisher({}), lambda: AT)


async def seqs(outbox: FakeOutbox) -> list[int]:
    """What waits; takes it out."""
    found: list[int] = []
    while (item := await outbox.next(AT)) is not None:
        found.append(item.key.seq)
        await outbox.done(item.key)
    return found


async def book(*used: int) -> FakeJournal:
    """A book with one warning for each figure, a second apart."""
    journal = FakeJournal()
    for seconds, figure in enumerate(used, 1):
        fact = QuotaWarning(figure, 4500)
        at = AT + timedelta(seconds=seconds)
        await journal.append(Entry(DeskName.US, at, at.date(), (), (), (fact,), {}))
    return journal


async def test_a_fact_missed_in_a_crash_is_queued_at_the_next_start() -> None:
    outbox = FakeOutbox()
    one = teller(outbox, FakeStore())
    journal = await book(4050, 4060, 4070)
    await one.for_book(Mode.LIVE)((journal.told[0],))
    assert await seqs(outbox) == [1]
    await one.catch_up(Mode.LIVE, journal)
    assert await seqs(outbox) == [2, 3]
    await one.catch_up(Mode.LIVE, journal)
    assert await seqs(outbox) == []


async def test_a_fact_missed_long_ago_is_queued_all_the_same() -> None:
    outbox = FakeOutbox()
    journal = await book(4050, 4060)
    await teller(outbox, FakeStore()).for_book(Mode.LIVE)((journal.told[0],))
    weeks_later = Teller(FakeStore(), outbox, Publisher({}), lambda: AT + timedelta(days=20))
    await weeks_later.catch_up(Mode.LIVE, journal)
    assert await seqs(outbox) == [1, 2]


async def test_an_outbox_that_lost_its_memory_tells_the_last_day_only() -> None:
    outbox = FakeOutbox()
    journal = await book(1, 2, 3)
    next_day = AT + timedelta(hours=24, seconds=2)
    await Teller(FakeStore(), outbox, Publisher({}), lambda: next_day).catch_up(Mode.LIVE, journal)
    assert await seqs(outbox) == [2, 3]


async def test_facts_of_a_book_put_back_from_a_copy_are_told() -> None:
    outbox = FakeOutbox()
    one = teller(outbox, FakeStore())
    await one.catch_up(Mode.LIVE, await book(1, 2, 3))
    assert await seqs(outbox) == [1, 2, 3]
    restored = await book(1)
    await one.catch_up(Mode.LIVE, restored)
    later = numbered(2, QuotaWarning(9, 4500))
    await one.for_book(Mode.LIVE)((later,))
    assert await seqs(outbox) == [2]


async def test_an_answer_to_a_command_is_no_alert() -> None:
    outbox, store = FakeOutbox(), FakeStore()
    answered = numbered(1, CommandAnswered(CommandId("c1"), None))
    await teller(outbox, store).for_book(Mode.LIVE)((answered,))
    assert await outbox.next(AT) is None


@pytest.mark.parametrize("desk", DeskName)
async def test_a_change_of_state_persists_its_desk_s_guard_latch_and_never_the_user_s(
    desk: DeskName,
) -> None:
    outbox, store = FakeOutbox(), FakeStore()
    change = StateChanged(
        DeskState.EXITS_ONLY, DeskState.RUNNING, DeskState.EXITS_ONLY, "quota", "4500", "4500"
    )
    await teller(outbox, store).for_book(Mode.LIVE)((numbered(1, change, desk),))
    assert store.guards == [(desk, Guard(DeskState.EXITS_ONLY, "quota", "4500", "4500"))]
