"""What the socket needs of the world it stands in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sandbox.krx.ws_feed import KrxBooksSide, KrxMarketSide
from sandbox.model import (
    Credentials,
    FaultDesk,
    Listing,
    MarketClock,
    NoticeListener,
    Server,
    TradeListener,
)


class MarketSide(Protocol):
    """Where trades come from."""

    def on_trade(self, listener: TradeListener) -> None:
        """Call ``listener`` at each trade."""
        ...

    def listing(self, symbol: str) -> Listing | None:
        """The listing as it stands today."""
        ...


class BooksSide(Protocol):
    """Where order notices come from."""

    def on_notice(self, listener: NoticeListener) -> None:
        """Call ``listener`` at each notice, of both servers."""
        ...


class ApprovalSide(Protocol):
    """Who knows the approval keys."""

    def valid(self, server: Server, key: str) -> bool:
        """Whether a session may be opened with this key."""
        ...


class KrxWorld(Protocol):
    """The Korean side of the world."""

    @property
    def market(self) -> KrxMarketSide:
        """Prints, expected prices, events."""
        ...

    @property
    def books(self) -> KrxBooksSide:
        """Orders and their notices."""
        ...


class SocketWorld(Protocol):
    """The world, as far as the socket sees it."""

    @property
    def clock(self) -> MarketClock:
        """Market time."""
        ...

    @property
    def market(self) -> MarketSide:
        """Trades and listings."""
        ...

    @property
    def books(self) -> BooksSide:
        """Orders and their notices."""
        ...

    @property
    def krx(self) -> KrxWorld:
        """The Korean market and its books."""
        ...

    @property
    def approvals(self) -> ApprovalSide:
        """Approval keys."""
        ...

    @property
    def faults(self) -> FaultDesk:
        """Scripted trouble."""
        ...

    @property
    def credentials(self) -> Mapping[Server, Credentials]:
        """The customer of each server."""
        ...

    @property
    def jumping(self) -> bool:
        """Whether hours are being played in no time."""
        ...
