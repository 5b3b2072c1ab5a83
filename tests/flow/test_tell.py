"""Facts reach the outbox once, also those that a crash left between the two databases."""

from datetime import UTC, datetime, timedelta

from engine.flow.publisher import Publisher
from engine.model.facts import CommandAnswered, QuotaWarning, StateChanged
from engine.model.ids import CommandId, DeskName, DeskState, Mode
from engine.ports.journal import NumberedFact
from engine.ports.settings import Guard
from engine.wiring.tell import Teller
from tests.fakes.chat_store import FakeOutbox

AT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


class FakeStore:
    """Remembers the latches it was given."""

    def __init__(self) -> None:
        self.guards: list[Guard] = []

    async def set_guard_latch(self, desk: DeskName, guard: Guard, at: datetime) -> None:
        self.guards.append(guard)


def numbered(seq: int, fact: QuotaWarning | StateChanged | CommandAnswered) -> NumberedFact:
    return NumberedFact(seq, AT + timedelta(seconds=seq), DeskName.US, fact)


def teller(outbox: FakeOutbox, store: FakeStore) -> Teller:
    return Teller(store, outbox, Publisher({}), lambda: AT)


async def test_a_fact_missed_in_a_crash_is_queued_at_the_next_start() -> None:
    outbox, store = FakeOutbox(), FakeStore()
    one = teller(outbox, store)
    first, second = numbered(1, QuotaWarning(4050, 4500)), numbered(2, QuotaWarning(4060, 4500))
    await one.for_book(Mode.LIVE)((first,))
    item = await outbox.next()
    assert item is not None
    await outbox.done(item.key)
    await one.catch_up(Mode.LIVE, (first, second))
    waiting = await outbox.next()
    assert waiting is not None
    assert waiting.fact == second
    await outbox.done(waiting.key)
    assert await outbox.next() is None


async def test_an_answer_to_a_command_is_no_alert() -> None:
    outbox, store = FakeOutbox(), FakeStore()
    answered = numbered(1, CommandAnswered(CommandId("c1"), None))
    await teller(outbox, store).for_book(Mode.LIVE)((answered,))
    assert await outbox.next() is None


async def test_a_change_of_state_persists_the_guard_s_latch_and_never_the_user_s() -> None:
    outbox, store = FakeOutbox(), FakeStore()
    change = StateChanged(
        DeskState.EXITS_ONLY, DeskState.RUNNING, DeskState.EXITS_ONLY, "quota", "4500", "4500"
    )
    await teller(outbox, store).for_book(Mode.LIVE)((numbered(1, change),))
    assert store.guards == [Guard(DeskState.EXITS_ONLY, "quota", "4500", "4500")]
