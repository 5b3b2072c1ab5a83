"""Signed calls to one KIS host: limits, tokens, retries of reads, pages.

Reads are retried with bounded back-off. Orders leave through ``send_order`` alone, which posts
once, and a second time only after a refusal that certainly never passed the gateway.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from engine.adapters.kis.auth import TokenKeeper
from engine.adapters.kis.budget import CallBudget
from engine.adapters.kis.endpoint import KisEndpoint
from engine.adapters.kis.errors import (
    HTTP_OK,
    TOO_MANY_CALLS,
    OrderFate,
    is_answer,
    order_fate,
    read_error,
)
from engine.adapters.kis.fields import CALLS, Call, Operation
from engine.adapters.kis.http import KisHttp, Reply
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.pages import NO_WAY_ON, next_keys, page_keys, page_trouble
from engine.errors import (
    AuthExpired,
    BrokerError,
    BrokerRefused,
    BrokerUnavailable,
    PayloadError,
    RateLimited,
)
from engine.model.quota import Priority
from engine.ports.clock import Clock

_log = logging.getLogger(__name__)

_BACKOFF_S: Mapping[type[BrokerError], tuple[float, ...]] = {
    BrokerUnavailable: (0.2, 0.5, 1.0),
    RateLimited: (0.3, 1.0, 2.0),
}
_JITTER = 0.25
_MAX_PAGES = 20
_PAGE_TRIES = 2
_RESEND_AFTER = timedelta(seconds=1)  # the per-second window has passed by then


@dataclass(frozen=True, slots=True)
class Spender:
    """On whose account a call is made, and how urgent it is."""

    budget: CallBudget
    priority: Priority


class KisTransport:
    """Everything REST that one app key does goes through here."""

    def __init__(
        self,
        endpoint: KisEndpoint,
        http: KisHttp,
        tokens: TokenKeeper,
        limiter: RateLimiter,
        clock: Clock,
    ) -> None:
        self.endpoint = endpoint
        self._http = http
        self._tokens = tokens
        self._limiter = limiter
        self._clock = clock

    @property
    def per_second(self) -> Decimal:
        """Calls a second that the key allows."""
        return self._limiter.per_second

    async def fetch(
        self, operation: Operation, query: Mapping[str, str], spender: Spender
    ) -> Mapping[str, object]:
        """The body of one successful read.

        Raises:
            BrokerError: what is left after the retries.
            QuotaExhausted: not sent.
        """
        return _body(await self._read(operation, query, spender, is_next=False))

    async def fetch_pages(
        self, operation: Operation, query: Mapping[str, str], spender: Spender
    ) -> list[Mapping[str, object]]:
        """All pages of a query that holds its (blank) paging keys.

        A part must not pass for the whole: what is missing would look sold or never placed.

        Raises:
            PayloadError: a page that leads nowhere, twice, or too many pages.
        """
        bodies: list[Mapping[str, object]] = []
        page, names = dict(query), page_keys(query)
        for _ in range(_MAX_PAGES):
            reply = await self._page(operation, page, spender, bodies)
            bodies.append(_body(reply))
            if not reply.has_more:
                return bodies
            page |= next_keys(reply, names)
        raise PayloadError("more pages than can be", tr_id=self._call(operation).tr_id)

    async def _page(
        self,
        operation: Operation,
        page: Mapping[str, str],
        spender: Spender,
        before: Sequence[Mapping[str, object]],
    ) -> Reply:
        """The page after those before; asked for once more if it leads nowhere."""
        trouble = ""
        for _ in range(_PAGE_TRIES):
            reply = await self._read(operation, page, spender, is_next=bool(before))
            if trouble == NO_WAY_ON and not reply.has_more:
                break  # it was not the last page a moment ago
            trouble = page_trouble(reply, page, before)
            if not trouble:
                return reply
        raise PayloadError(trouble, tr_id=self._call(operation).tr_id)

    async def admit_order(self, operation: Operation, spender: Spender) -> str:
        """Get a token before an order; whatever fails here, nothing was sent."""
        await spender.budget.ensure_room(spender.priority)
        self._call(operation)
        return await self._token(spender, may_renew=False)

    async def send_order(
        self, operation: Operation, body: Mapping[str, str], spender: Spender, token: str
    ) -> Reply:
        """Post an order, and once more only if the first post certainly had no effect.

        There is no loop here on purpose: money is never sent twice.

        Raises:
            BrokerUnavailable: sent, and no answer came.
        """
        call = self._call(operation)
        first = await self._post(call, body, spender, token)
        if not _had_no_effect(first):
            return first
        try:
            if read_error(first.code, first.status) is AuthExpired:
                token = await self._tokens.renew(token)
            else:
                await self._clock.sleep_for(_RESEND_AFTER)
        except BrokerError:
            return first  # its definite no stands
        return await self._post(call, body, spender, token)

    async def _read(
        self, operation: Operation, query: Mapping[str, str], spender: Spender, *, is_next: bool
    ) -> Reply:
        try:
            return await self._insist(operation, query, spender, is_next=is_next)
        except BrokerError as error:
            if not is_answer(error.code, HTTP_OK):
                spender.budget.meter.failed()
            raise

    async def _insist(
        self, operation: Operation, query: Mapping[str, str], spender: Spender, *, is_next: bool
    ) -> Reply:
        call = self._call(operation)
        tries, renewed = 0, False
        while True:
            token = await self._token(spender, may_renew=True)
            # Nothing is awaited between this check and the spending.
            await spender.budget.ensure_room(spender.priority)
            try:
                return await self._get(call, query, spender, token, is_next=is_next)
            except AuthExpired:
                if renewed:
                    raise
                renewed = True
                await self._tokens.renew(token)
            except (BrokerUnavailable, RateLimited) as error:
                waits = _BACKOFF_S[type(error)]
                if tries >= len(waits):
                    raise
                await self._back_off(waits[tries])
                tries += 1

    async def _back_off(self, seconds: float) -> None:
        spread = 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 - spreads load, guards nothing
        await self._clock.sleep_for(timedelta(seconds=seconds * spread))

    async def _get(
        self,
        call: Call,
        query: Mapping[str, str],
        spender: Spender,
        token: str,
        *,
        is_next: bool,
    ) -> Reply:
        headers = self._headers(call, token, "N" if is_next else "")
        reply = await self._count(call, spender, lambda: self._http.get(call.path, headers, query))
        if reply.body is None:
            raise BrokerUnavailable(f"no JSON, HTTP {reply.status}", tr_id=call.tr_id)
        if reply.is_yes:
            return reply
        error = read_error(reply.code, reply.status)
        text = self.endpoint.keys.hide(reply.message) or f"HTTP {reply.status}"
        raise error(text, tr_id=call.tr_id, code=reply.code)

    async def _post(
        self, call: Call, body: Mapping[str, str], spender: Spender, token: str
    ) -> Reply:
        headers = self._headers(call, token, "")
        try:
            reply = await self._count(
                call, spender, lambda: self._http.post(call.path, headers, body)
            )
        except BrokerUnavailable:
            spender.budget.meter.failed()
            raise
        if not _is_good(reply):
            spender.budget.meter.failed()
        return reply

    async def _count(
        self, call: Call, spender: Spender, send: Callable[[], Awaitable[Reply]]
    ) -> Reply:
        # Counted before the wait: callers in the queue must not overdraw the budget together.
        spender.budget.spend(call.purpose)
        await spender.budget.pace(spender.priority)
        await self._limiter.acquire(spender.priority)
        sent = spender.budget.meter.sent()
        try:
            reply = await send()
        except BrokerUnavailable:
            sent.lost()
            raise
        if not reply.is_yes:
            _log.info("%s: HTTP %d, code %s", call.tr_id, reply.status, reply.code or "blank")
        sent.answered(
            is_good=_is_good(reply),
            is_refused=reply.code == TOO_MANY_CALLS,
            at=reply.sent_at,
        )
        return reply

    async def _token(self, spender: Spender, *, may_renew: bool) -> str:
        sent = spender.budget.meter.sent()
        try:
            return await self._tokens.token(may_renew=may_renew)
        except BrokerUnavailable:
            sent.lost()  # it was asked for, and no answer came
            raise

    def _headers(self, call: Call, token: str, tr_cont: str) -> dict[str, str]:
        keys = self.endpoint.keys
        return {
            "authorization": f"Bearer {token}",
            "appkey": keys.app_key,
            "appsecret": keys.app_secret,
            "tr_id": call.tr_id,
            "tr_cont": tr_cont,
            "custtype": "P",
        }

    def _call(self, operation: Operation) -> Call:
        call = CALLS.get((operation, self.endpoint.server))
        if call is None:
            raise BrokerRefused(f"{operation} is not offered on {self.endpoint.server}")
        return call


def _had_no_effect(reply: Reply) -> bool:
    if reply.body is None or reply.is_yes:
        return False
    return order_fate(reply.code, reply.status) is OrderFate.NO_EFFECT


def _is_good(reply: Reply) -> bool:
    return reply.is_yes or is_answer(reply.code, reply.status)


def _body(reply: Reply) -> Mapping[str, object]:
    return reply.body or {}
