"""What the demo's side panel shows, in one answer: clock, prices, the broker's app, switches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from aiohttp import web

from sandbox.accounts import Account, Holding
from sandbox.krx import hours as krx_hours
from sandbox.krx.account import KrxAccount, KrxHolding
from sandbox.krx.market import KrxMarket
from sandbox.market import Market
from sandbox.model import Server
from sandbox.session import (
    at,
    next_trading_day,
    phase,
    session_day,
    trading_day_on_or_after,
    us_date,
)
from sandbox.switches import Switches
from sandbox.world import World

WINDOW_END = time(12, 0)  # until then the demo's assistant watches the regular session
EXPECTED_FROM = timedelta(minutes=10)  # before the Korean opening
Moments = Mapping[str, datetime]


class Panel:
    """The route ``/sandbox/panel``; amounts are exact texts in USD, below ``krx`` in won."""

    def __init__(self, world: World, switches: Switches) -> None:
        self._world = world
        self._switches = switches

    def routes(self) -> list[web.RouteDef]:
        """For the root of an application."""
        return [web.get("/sandbox/panel", self._get)]

    async def _get(self, _request: web.Request) -> web.Response:
        now = self._world.catch_up()
        world = self._world
        account = world.books.accounts[Server.REAL]
        return web.json_response(
            {
                "clock": self._clock(now),
                "quotes": [
                    _quote(world.market, listing.symbol, listing.name, listing.prev_close)
                    for listing in world.market.listings()
                ],
                "cash": str(account.buying_power()),
                "realised": str(account.realised),
                "holdings": [_holding(world.market, item) for item in account.holdings.values()],
                "orders": _orders(account),
                "krx": self._korean(now) if world.krx.market.listings() else None,
                "switches": self._switches.report(),
            }
        )

    def _korean(self, now: datetime) -> dict[str, object]:
        market = self._world.krx.market
        account = self._world.krx.books.accounts[Server.REAL]
        return {
            "phase": krx_hours.phase(now).value,
            "quotes": [
                _quote(market, listing.symbol, listing.name, listing.base_price)
                for listing in market.listings()
            ],
            "cash": str(account.buying_power()),
            "realised": str(account.realised),
            "holdings": [_holding(market, item) for item in account.holdings.values()],
            "orders": _orders(account),
        }

    def _clock(self, now: datetime) -> dict[str, object]:
        clock = self._world.clock
        moments = upcoming(now)
        if self._world.krx.market.listings():
            moments |= upcoming_krx(now)
        jumps = {name: moment.isoformat() for name, moment in moments.items()}
        return {
            "now": now.isoformat(),
            "speed": clock.speed,
            "frozen": clock.frozen,
            "phase": phase(now).value,
            "jumps": jumps,
            "next": min(moments, key=lambda name: moments[name]),
        }


def upcoming(now: datetime) -> dict[str, datetime]:
    """New York's next moment of each kind after ``now``, aware UTC."""
    return _upcoming(now, trading_day_on_or_after(us_date(now)), next_trading_day, _moments)


def upcoming_krx(now: datetime) -> dict[str, datetime]:
    """The KRX's next moment of each kind after ``now``, aware UTC."""
    today = krx_hours.trading_day_on_or_after(krx_hours.kst_date(now))
    return _upcoming(now, today, krx_hours.next_trading_day, _krx_moments)


def _upcoming(
    now: datetime,
    day: date,
    day_after: Callable[[date], date],
    moments_of: Callable[[date], Moments],
) -> dict[str, datetime]:
    found: dict[str, datetime] = {}
    while len(found) < len(moments_of(day)):
        for name, moment in moments_of(day).items():
            if moment > now:
                found.setdefault(name, moment)
        day = day_after(day)
    return found


def _moments(day: date) -> Moments:
    hours = session_day(day)
    return {
        "premarket": hours.premarket_open,
        "open": hours.open,
        "window_end": at(day, WINDOW_END),
        "close": hours.close,
    }


def _krx_moments(day: date) -> Moments:
    hours = krx_hours.krx_day(day)
    return {
        "krx_auction": hours.open - EXPECTED_FROM,
        "krx_open": hours.open,
        "krx_closing": hours.close_auction,
        "krx_close": hours.close,
    }


def _quote(
    market: Market | KrxMarket, symbol: str, name: str, prev_close: Decimal
) -> dict[str, object]:
    last = market.last(symbol)
    return {
        "symbol": symbol,
        "name": name,
        "price": str(market.price(symbol)),
        "prev_close": str(prev_close),
        "ask": None if last is None else str(last.ask),
    }


def _holding(market: Market | KrxMarket, holding: Holding | KrxHolding) -> dict[str, object]:
    price = market.price(holding.symbol)
    gain = (price / holding.average - 1) * 100 if holding.average else Decimal(0)
    return {
        "symbol": holding.symbol,
        "qty": holding.qty,
        "average": str(holding.average),
        "price": str(price),
        "gain_pct": f"{gain:.2f}",
    }


def _orders(account: Account | KrxAccount) -> list[dict[str, object]]:
    return [
        {
            "side": order.request.side.name.lower(),
            "symbol": order.request.symbol,
            "open": order.open_qty,
            "limit": str(order.request.limit),
            "media": order.request.media,
        }
        for order in account.orders.values()
        if order.open_qty > 0
    ]
