"""A book in memory that can be told to fail, and remembers what happened in which order."""

from collections.abc import Mapping
from datetime import date, datetime

from engine.errors import JournalFailed
from engine.model.ids import ClientOrderId, DeskName
from engine.model.orders import PlaceAnswer
from engine.ports.journal import Entry, NumberedFact, NumberedSale, Unsettled


class FakeJournal:
    """Implements the Journal port. ``log`` is shared with whoever else notes an order of events."""

    def __init__(self, log: list[str] | None = None) -> None:
        self.log = log if log is not None else []
        self.entries: list[Entry] = []
        self.answers: dict[ClientOrderId, PlaceAnswer] = {}
        self.told: list[NumberedFact] = []
        self.is_broken = False

    async def append(self, entry: Entry) -> tuple[NumberedFact, ...]:
        if self.is_broken:
            raise JournalFailed("disk full")
        self.log.append("journal")
        self.entries.append(entry)
        first = len(self.told) + 1
        new = tuple(
            NumberedFact(first + i, entry.at, entry.desk, fact)
            for i, fact in enumerate(entry.facts)
        )
        self.told += new
        return new

    async def record_answer(
        self, client_order_id: ClientOrderId, answer: PlaceAnswer, at: datetime
    ) -> None:
        if self.is_broken:
            raise JournalFailed("disk full")
        self.log.append("answer")
        self.answers[client_order_id] = answer

    async def load_snapshot(self, desk: DeskName) -> Mapping[str, object] | None:
        return self.entries[-1].snapshot if self.entries else None

    async def unsettled(self, desk: DeskName) -> tuple[Unsettled, ...]:
        orders = [order for entry in self.entries for order in entry.orders]
        return tuple(Unsettled(o, self.answers.get(o.client_order_id)) for o in orders)

    async def last_seq(self) -> int:
        return self.told[-1].seq if self.told else 0

    async def facts_after(
        self, seq: int, since: datetime | None = None
    ) -> tuple[NumberedFact, ...]:
        new = (fact for fact in self.told if fact.seq > seq)
        return tuple(fact for fact in new if since is None or fact.at >= since)

    async def sales(
        self, desk: DeskName, since: date | None, limit: int
    ) -> tuple[NumberedSale, ...]:
        return ()
