"""Between a market and the socket: what is to be sent, and for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Record:
    """One record for whoever registered that TR and key; columns in today's order and width."""

    tr_id: str
    tr_key: str
    columns: tuple[str, ...]


class Outlet(Protocol):
    """One server's connections, as a market sees them."""

    def wants(self, tr_id: str, tr_key: str) -> bool:
        """Whether somebody would receive that record now; spares writing it."""
        ...

    def keys(self, tr_id: str) -> Collection[str]:
        """The keys of that TR that somebody would receive now."""
        ...

    def quote(self, record: Record) -> None:
        """Send a quote, together with the others of this instant."""
        ...

    def notice(self, record: Record) -> None:
        """Send an order notice at once."""
        ...


class Feed(Protocol):
    """A market that writes to an outlet of its own accord."""

    @property
    def notices(self) -> str:
        """The TR of its order notices on this server."""
        ...

    def latest(self, tr_id: str, tr_key: str) -> Record | None:
        """What a registration is greeted with, however old it is; None: with silence."""
        ...

    def forge(self, symbol: str, now: datetime) -> Record:
        """A fill that never was, as somebody on the path would write it; no symbol: any."""
        ...
