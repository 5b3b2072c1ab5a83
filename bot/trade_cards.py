"""The picture of a trade, sent when it closes: its minutes, where it went in and out, and why.

It watches what the desks hold. A position that is gone has closed; what the book says of it is
drawn. The alerts tell the same in words: a picture that cannot be drawn is let go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from telegram.error import RetryAfter, TelegramError

from bot.aside import aside
from bot.chat import Attachment, AttachmentKind, ChatSettings, HumanTime
from bot.courier import Courier
from bot.format import trade_card as text
from bot.format.kinds import AlertKind, Loudness
from bot.format.lang import Lang
from bot.format.markup import foreign
from bot.picture_look import look
from bot.preferences import Preferences
from engine.model.ids import DeskName, Mode, Symbol
from engine.model.krx_views import KrxPositionView
from engine.model.money import Money
from engine.model.views import PositionView
from engine.ports.control import EngineControl
from reports.closing import Closed, closed_since
from reports.pictures.painter import Painter, PicturesFailed
from reports.pictures.subjects import CardFill, Request, Stop, TradeCard, Zone
from reports.queries import OldBook

_LOG = logging.getLogger(__name__)
_EVERY_S = 5.0
_TRIES, _AGAIN_S = 4, 0.5
_FLOODS = 10  # each has some seconds of patience
_BEFORE = timedelta(minutes=20)  # of the chart, so that one sees what was broken out of
_AFTER = timedelta(minutes=1)

Held = KrxPositionView | PositionView


@dataclass(slots=True)
class Watched:
    """A position as it was last seen. ``since``: market time when it was seen first."""

    desk: DeskName
    mode: Mode
    since: datetime
    last: Held
    stops: list[Stop] = field(default_factory=list)

    def note(self, seen: Held, now: datetime) -> None:
        """Keep the newest figures, and where the stop moved."""
        self.last = seen
        if isinstance(seen, KrxPositionView):
            stop = max(seen.stop_price, seen.trailing_price or seen.stop_price)
            if not self.stops or self.stops[-1].price != stop:
                self.stops.append(Stop(now, stop))


class TradeCards:
    """``books``: the directory they are in."""

    def __init__(
        self,
        books: Path,
        control: EngineControl,
        preferences: Preferences,
        painter: Painter,
        courier: Courier,
        *,
        settings: ChatSettings,
        time: HumanTime,
    ) -> None:
        self._books = books
        self._control = control
        self._preferences = preferences
        self._painter = painter
        self._courier = courier
        self._settings = settings
        self._time = time
        self._watched: dict[Symbol, Watched] = {}
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Something happened; positions may have come or gone."""
        self._news.set()

    async def run(self) -> None:
        """Watch, and show what closes, for ever."""
        while True:
            for gone in self.look():
                await self.show(gone)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_S):
                    await self._news.wait()
            self._news.clear()

    def look(self) -> list[Watched]:
        """Positions that were held before and are no more; those of a mode left are not closed."""
        status = self._control.status()
        held: dict[Symbol, tuple[DeskName, Held]] = {}
        desks = set()
        for desk, view in ((DeskName.US, status.us), (DeskName.KRX, status.krx)):
            if view is not None:
                desks.add(desk)
                held.update({row.symbol: (desk, row) for row in view.positions})
        for symbol, (desk, row) in held.items():
            known = self._watched.get(symbol)
            if known is None or known.mode is not status.modes.get(desk):
                known = Watched(desk, status.modes[desk], status.now, row)
                self._watched[symbol] = known
            known.note(row, status.now)
        away = [s for s, known in self._watched.items() if s not in held and known.desk in desks]
        gone = [self._watched.pop(symbol) for symbol in away]
        return [one for one in gone if one.mode is status.modes.get(one.desk)]

    async def show(self, gone: Watched) -> None:
        """Draw and send what the book says of it, as loud as the fill."""
        owner = self._settings.owner
        loudness = self._preferences.loudness(AlertKind.FILL, self._time.now())
        if owner is None or loudness is Loudness.OFF:
            return
        try:
            closed = await self._read(gone)
            if closed is None:  # sold by hand, or left alone
                return
            request = self._request(gone, closed)
            (name,), (picture,) = request.files, await self._painter.draw(request)
            photo = Attachment(name, picture.png, AttachmentKind.PHOTO, foreign(picture.alt))
            await self._send(owner, photo, gone.mode, silent=loudness is Loudness.SILENT)
        except (OldBook, sqlite3.Error, PicturesFailed, TelegramError) as error:
            _LOG.warning("no picture of a trade in %s: %r", gone.last.symbol, error)

    async def _send(self, owner: int, photo: Attachment, mode: Mode, *, silent: bool) -> None:
        """Alerts go first: in a flood of them a picture waits."""
        for _ in range(_FLOODS):
            with contextlib.suppress(RetryAfter):
                await self._courier.send(owner, (photo,), mode=mode, silent=silent)
                return
        await self._courier.send(owner, (photo,), mode=mode, silent=silent)

    async def _read(self, gone: Watched) -> Closed[Money] | None:
        """The desk knows of an execution a moment before its book does."""
        for _ in range(_TRIES):
            closed = await aside(
                closed_since, self._books, gone.desk, gone.mode, gone.last.symbol, gone.since
            )
            if closed is not None:
                return closed
            await self._time.pause(_AGAIN_S)
        return None

    def _request(self, gone: Watched, closed: Closed[Money]) -> Request:
        trade, lang, last = closed.last, self._preferences.lang, gone.last
        begin = (closed.opened_at or gone.since) - _BEFORE
        candles = self._control.minutes(last.symbol, begin)
        fills = tuple(
            CardFill(row.at, row.side, row.qty, row.price)
            for row in closed.executions
            if row.is_ours and row.price is not None
        )
        card = TradeCard(
            desk=gone.desk,
            mode=gone.mode,
            symbol=last.symbol,
            name=last.name,
            candles=tuple(one for one in candles if one.at <= trade.closed_at + _AFTER),
            fills=fills,
            zones=_zones(last, lang),
            stops=tuple(gone.stops),
            target=last.target_price,
            reason=text.reason(trade.reason, lang),
            facts=text.facts(trade.score, closed.by_hand, lang),
            net=closed.net,
            net_pct=closed.net_pct,
            held_for=trade.held_for,
        )
        return Request(look(self._settings, lang), cards=(card,))


def _zones(last: Held, lang: Lang) -> tuple[Zone, ...]:
    """The level that was broken; the cost of shares bought by hand, which no book has."""
    if isinstance(last, PositionView):
        return (Zone(last.avg_cost, last.avg_cost, text.bought(lang)),)
    if last.level is None:
        return ()
    return (Zone(last.level, last.level, text.level(last.zones, last.n_days, lang)),)
