"""The demo's hands: the sandbox's control API and the trader's side of the chat."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from http import HTTPStatus
from typing import Any, Self

import aiohttp

OWNER_ID = 10_001
LOOK_EVERY_S = 0.1
FILL_S = 10.0
CROSSING, CENT = Decimal("1.01"), Decimal("0.01")

Json = dict[str, Any]


class DemoControl:
    """One trader with a phone and a broker's app. Times of its waits are human time."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the connection."""
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        if self._http is not None:
            await self._http.close()

    async def now(self) -> datetime:
        """Market time, aware."""
        return datetime.fromisoformat((await self._get("/sandbox/state"))["clock"]["now"])

    async def quote(self, symbol: str) -> Json:
        """What the market shows of a symbol."""
        quote: Json = (await self._get("/sandbox/state"))["quotes"][symbol]
        return quote

    async def books(self) -> Json:
        """The sandbox's own books of both accounts."""
        books: Json = await self._get("/sandbox/books")
        return books

    async def transcript(self) -> Json:
        """Everything that was said in the chat."""
        transcript: Json = await self._get("/sandbox/telegram/transcript")
        return transcript

    async def newest(self) -> int:
        """The number of the latest message; 0 in an empty chat."""
        messages = (await self.transcript())["messages"]
        return max((int(message["message_id"]) for message in messages), default=0)

    async def photos(self, transcript: Json) -> list[bytes]:
        """The pictures of the chat as a phone downloads them, in order."""
        return [
            await self._download(size["file_id"])
            for message in transcript["messages"]
            for size in message["content"].get("photo", ())[-1:]
        ]

    async def until_album(self, after: int, limit_s: float) -> None:
        """Wait for pictures later than the message ``after`` that belong together."""

        def is_of_album(message: Json) -> bool:
            is_later: bool = message["message_id"] > after
            return is_later and "media_group_id" in message["extra"]

        await self.until_message(is_of_album, limit_s, "an album of pictures")

    async def set_speed(self, speed: float) -> None:
        """Market seconds per second."""
        await self._post("/sandbox/clock", {"speed": speed})

    async def jump(self, to: datetime) -> None:
        """Skip a stretch; the sandbox plays it through its books."""
        await self._post("/sandbox/clock", {"jump_to": to.isoformat()})

    async def first_quoted(self, symbols: Sequence[str]) -> str:
        """The first that has a price to buy at; waits until there is one."""
        try:
            async with asyncio.timeout(FILL_S):
                while True:
                    quotes = (await self._get("/sandbox/state"))["quotes"]
                    quoted = [symbol for symbol in symbols if quotes[symbol]["ask"] is not None]
                    if quoted:
                        return quoted[0]
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise TimeoutError(f"nobody traded {', '.join(symbols)} in {FILL_S:.0f} s") from None

    async def buy(self, symbol: str, qty: int) -> None:
        """Buy as in the broker's app, at a limit well across the spread, and see it filled."""
        limit = (Decimal((await self.quote(symbol))["ask"]) * CROSSING).quantize(CENT)
        body = {"symbol": symbol, "qty": qty, "limit": str(limit)}
        order_no = (await self._post("/sandbox/buy", body))["order_no"]
        try:
            async with asyncio.timeout(FILL_S):
                while not await self._is_filled(order_no, qty):  # noqa: ASYNC110 - elsewhere
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise TimeoutError(f"{qty} {symbol} were not bought in {FILL_S:.0f} s") from None

    async def first_entry(self, until: datetime) -> str | None:
        """The first Korean stock bought through the API; None if ``until`` is reached before."""
        while await self.now() < until:
            orders = (await self.books())["real"]["krx"]["orders"]
            for order in orders:
                if order["media"] == "OpenAPI" and order["side"] == "buy" and order["filled"]:
                    symbol: str = order["symbol"]
                    return symbol
            await asyncio.sleep(LOOK_EVERY_S)
        return None

    async def _is_filled(self, order_no: str, qty: int) -> bool:
        orders = (await self.books())["real"]["orders"]
        return any(one["order_no"] == order_no and int(one["filled"]) == qty for one in orders)

    async def lift(self, symbol: str, pct: float, seconds: int) -> None:
        """Let the market carry a symbol upwards."""
        body = {"symbol": symbol, "pct": str(pct), "seconds": seconds}
        await self._post("/sandbox/drift", body)

    async def say(self, text: str) -> int:
        """Type into the chat; returns the message's number."""
        body = {"user_id": OWNER_ID, "text": text}
        return int((await self._post("/sandbox/telegram/send", body))["message_id"])

    async def press(self, label: str, after: int = 0) -> None:
        """Press a button as soon as a message later than ``after`` shows it."""

        def shows(message: Json) -> bool:
            rows = (message["markup"] or {}).get("inline_keyboard", [])
            return message["message_id"] > after and any(
                label in button["text"] for row in rows for button in row
            )

        message = await self.until_message(shows, 10.0, f"a button {label}")
        rows = message["markup"]["inline_keyboard"]
        text = next(button["text"] for row in rows for button in row if label in button["text"])
        body = {"user_id": OWNER_ID, "message_id": message["message_id"], "label": text}
        await self._post("/sandbox/telegram/press", body)

    async def until_greeted(self, limit_s: float) -> None:
        """Start the chat and wait for the assistant's first word."""
        await self.say("/start")
        await self.until_message(lambda _: True, limit_s, "the assistant's greeting")

    async def until_said(self, part: str, after: int, limit_s: float, what: str = "") -> None:
        """Wait for a message of the bot later than ``after`` that contains ``part``."""

        def says(message: Json) -> bool:
            text = str(message["content"].get("text"))
            is_later: bool = message["message_id"] > after
            return is_later and part in text

        await self.until_message(says, limit_s, what or f"{part!r}")

    async def until_message(
        self, wanted: Callable[[Json], bool], limit_s: float, what: str
    ) -> Json:
        """Wait for a message of the bot; TimeoutError names what was waited for."""
        try:
            async with asyncio.timeout(limit_s):
                while True:
                    for message in (await self.transcript())["messages"]:
                        if message["from"].get("is_bot") and wanted(message):
                            found: Json = message
                            return found
                    await asyncio.sleep(LOOK_EVERY_S)
        except TimeoutError:
            raise TimeoutError(f"{what} was not seen in {limit_s:.0f} s") from None

    async def until_market(self, moment: datetime) -> None:
        """Let market time pass."""
        while (now := await self.now()) < moment:
            speed = float((await self._get("/sandbox/state"))["clock"]["speed"])
            left_s = (moment - now).total_seconds() / max(speed, 1.0)
            await asyncio.sleep(min(LOOK_EVERY_S * 10, max(LOOK_EVERY_S / 10, left_s)))

    async def _get(self, path: str) -> Any:
        assert self._http is not None  # noqa: S101 - used inside ``async with`` only
        async with self._http.get(self._url + path) as reply:
            return await self._checked(reply)

    async def _download(self, file_id: str) -> bytes:
        assert self._http is not None  # noqa: S101 - used inside ``async with`` only
        async with self._http.get(f"{self._url}/sandbox/telegram/file/{file_id}") as reply:
            reply.raise_for_status()
            return await reply.read()

    async def _post(self, path: str, body: Json) -> Any:
        assert self._http is not None  # noqa: S101 - used inside ``async with`` only
        async with self._http.post(self._url + path, json=body) as reply:
            return await self._checked(reply)

    @staticmethod
    async def _checked(reply: aiohttp.ClientResponse) -> Any:
        body = await reply.json()
        if reply.status != HTTPStatus.OK:
            raise RuntimeError(f"{reply.url.path}: {body}")
        return body
