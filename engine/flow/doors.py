"""Both desks as the chat sees them: which run, what they hold, what their stocks are called."""

from __future__ import annotations

from dataclasses import dataclass

from engine.desk.krx.desk import KrxDesk
from engine.desk.us.desk import UsDesk
from engine.flow.door import Door
from engine.model.ids import DeskName, Symbol
from engine.model.krx_views import KrxDeskView
from engine.model.money import ZERO_KRW, ZERO_USD, Krw, Money, Usd
from engine.model.status import StreamView
from engine.model.views import BalanceView, PositionView, UsDeskView
from engine.ports.clock import Clock
from engine.rules.krx.universe import find

UsDoor = Door[Usd, UsDesk]
KrxDoor = Door[Krw, KrxDesk]


@dataclass(frozen=True, slots=True)
class Doors:
    """``krx`` None: that desk is disabled. ``us_enabled`` False: the US desk never runs."""

    us: UsDoor
    krx: KrxDoor | None
    clock: Clock
    us_enabled: bool

    def names(self) -> tuple[DeskName, ...]:
        """The desks that run."""
        us = (DeskName.US,) if self.us_enabled else ()
        krx = (DeskName.KRX,) if self.krx is not None else ()
        return (*krx, *us)

    def every(self) -> tuple[UsDoor | KrxDoor, ...]:
        """All there are, also that of a US desk that never runs."""
        return (self.us,) if self.krx is None else (self.us, self.krx)

    def of(self, desk: DeskName) -> UsDoor | KrxDoor:
        """A desk's; where the KRX desk is disabled, the US desk's."""
        return self.krx if desk is DeskName.KRX and self.krx is not None else self.us

    def krx_desk(self) -> KrxDesk | None:
        """The desk in force; None as in ``Door.desk``, or disabled."""
        return self.krx.desk if self.krx is not None else None

    def us_view(self) -> UsDeskView | None:
        """The US desk at this instant; None while it has no session."""
        desk = self.us.desk
        return desk.view(self.clock.now()) if desk is not None else None

    def krx_view(self) -> KrxDeskView | None:
        """As ``us_view``."""
        desk = self.krx_desk()
        return desk.view(self.clock.now()) if desk is not None else None

    def us_positions(self) -> tuple[PositionView, ...]:
        """What the US desk holds."""
        view = self.us_view()
        return view.positions if view is not None else ()

    def balance(self, desk: DeskName) -> BalanceView[Money]:
        """Cash as last read, holdings at their last prices."""
        if desk is DeskName.KRX and self.krx is not None:
            return self.krx.balance(self._krx_value())
        value = ZERO_USD
        for position in self.us_positions():
            value += (position.last_price or position.avg_cost) * position.qty
        return self.us.balance(value)

    def stream(self) -> StreamView:
        """The sockets of all desks as one."""
        sessions = [d.engine.session for d in self.every() if d.engine.session is not None]
        healths = [session.parts.feed.health() for session in sessions]
        last = max((h.last_frame_at for h in healths if h.last_frame_at), default=None)
        age = (self.clock.now() - last).total_seconds() if last is not None else None
        return StreamView(
            connected=any(health.connected for health in healths),
            last_frame_age_s=age,
            registrations=sum(health.registrations for health in healths),
        )

    def find_symbol(self, text: str) -> tuple[Symbol, ...]:
        """Held or listed symbols matching a code or a part of a name; an exact one wins alone."""
        wanted = text.strip().upper()
        held = [(p.symbol, p.name) for p in self.us_positions()]
        view = self.krx_view()
        held += [(p.symbol, p.name) for p in view.positions] if view is not None else []
        exact = tuple(s for s, name in held if wanted in (s.upper(), name.upper()))
        if exact or not wanted:
            return exact
        partly = tuple(
            s for s, name in held if wanted in name.upper() or s.upper().startswith(wanted)
        )
        desk = self.krx_desk()
        listed = find(desk.listings().values(), text) if desk is not None else ()
        return tuple(dict.fromkeys((*partly, *(listing.symbol for listing in listed))))

    def name_of(self, symbol: Symbol) -> str:
        """The name people know."""
        desk = self.krx_desk()
        listing = desk.listings().get(symbol) if desk is not None else None
        if listing is not None:
            return listing.name
        return next((p.name for p in self.us_positions() if p.symbol == symbol), symbol)

    def _krx_value(self) -> Krw:
        view, value = self.krx_view(), ZERO_KRW
        for position in view.positions if view is not None else ():
            value += (position.last_price or position.avg_cost) * position.qty
        return value
