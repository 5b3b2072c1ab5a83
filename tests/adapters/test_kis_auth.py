"""Tokens and approval keys against scripted answers, by market time."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine.adapters.kis.auth import ApprovalKeeper, TokenKeeper
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.http import KisHttp
from engine.errors import AuthExpired, BrokerUnavailable, PayloadError, RateLimited
from tests.adapters.kis_stage import MemoryCache, SteppingClock

KEYS = KisKeys("app-key", "app-secret", "1234567801", "hts")
ENDPOINT = KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", KEYS)
EXPIRES = "2026-11-21 23:00:00"  # KST: 14:00 UTC the day after the start at 15:00 UTC
TOO_SOON = httpx.Response(403, json={"error_code": "EGW00133", "error_description": "1분당 1회"})

Answer = httpx.Response | Exception


class Desk:
    """Scripted answers of the token endpoint; the last one repeats."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(json.loads(request.content))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, content=answer.content)


def issued(token: str, expires: str = EXPIRES, **more: object) -> httpx.Response:
    body = {"access_token": token, "access_token_token_expired": expires, "expires_in": 86400}
    return httpx.Response(200, json=body | more)


def keeper(
    desk: Callable[[httpx.Request], httpx.Response],
    clock: SteppingClock,
    cache: MemoryCache | None = None,
    endpoint: KisEndpoint = ENDPOINT,
) -> TokenKeeper:
    http = KisHttp(endpoint.base_url, httpx.MockTransport(desk))
    return TokenKeeper(endpoint, http, clock, cache or MemoryCache())


async def test_many_callers_cause_one_issue() -> None:
    desk = Desk(issued("T1"))
    tokens = keeper(desk, SteppingClock())
    assert set(await asyncio.gather(*(tokens.token() for _ in range(9)))) == {"T1"}
    assert desk.requests == [
        {"grant_type": "client_credentials", "appkey": "app-key", "appsecret": "app-secret"}
    ]


async def test_the_expiry_is_korean_time_and_renewed_ahead_of_it() -> None:
    desk, clock = Desk(issued("T1"), issued("T2", "2026-11-22 22:00:00")), SteppingClock()
    tokens = keeper(desk, clock)
    assert await tokens.token() == "T1"
    clock.moment += timedelta(hours=22)  # 13:00 UTC, an hour before the end
    assert await tokens.token() == "T1"
    clock.moment += timedelta(minutes=16)
    assert await tokens.token() == "T2"


async def test_a_renewal_that_fails_ahead_of_time_keeps_the_living_token() -> None:
    desk, clock = Desk(issued("T1"), httpx.ConnectError("x")), SteppingClock()
    tokens = keeper(desk, clock)
    await tokens.token()
    clock.moment += timedelta(hours=22, minutes=30)
    assert await tokens.token() == "T1"
    assert await tokens.token() == "T1"
    assert len(desk.requests) == 2  # not asked again within the minute
    clock.moment += timedelta(hours=1)
    with pytest.raises(BrokerUnavailable):
        await tokens.token()


async def test_asked_too_soon_ahead_of_time_nobody_waits() -> None:
    desk, clock = Desk(issued("T1"), TOO_SOON, issued("T2", "2026-11-22 22:00:00")), SteppingClock()
    tokens = keeper(desk, clock)
    await tokens.token()
    clock.moment += timedelta(hours=22, minutes=30)
    assert [await tokens.token() for _ in range(3)] == ["T1"] * 3
    assert (clock.slept, len(desk.requests)) == ([], 2)
    clock.moment += timedelta(minutes=1)
    assert await tokens.token() == "T2"


async def test_one_caller_asks_for_the_next_token_and_the_others_go_on() -> None:
    clock, is_asked, may_answer = SteppingClock(), asyncio.Event(), asyncio.Event()
    asked: list[str] = []

    async def answer(_: httpx.Request) -> httpx.Response:
        asked.append("")
        if len(asked) == 1:
            return issued("T1")
        is_asked.set()
        await may_answer.wait()
        return issued("T2", "2026-11-22 22:00:00")

    http = KisHttp(ENDPOINT.base_url, httpx.MockTransport(answer))
    tokens = TokenKeeper(ENDPOINT, http, clock, MemoryCache())
    await tokens.token()
    clock.moment += timedelta(hours=22, minutes=30)
    assert await tokens.token(may_renew=False) == "T1"
    assert len(asked) == 1  # an order never asks while the living one will do
    reader = asyncio.create_task(tokens.token())
    await is_asked.wait()
    async with asyncio.timeout(1):
        held = await asyncio.gather(tokens.token(), tokens.token(may_renew=False))
        assert list(held) == ["T1", "T1"]
    may_answer.set()
    assert await reader == "T2"
    assert (await tokens.token(), len(asked)) == ("T2", 2)


async def test_a_token_that_ends_soon_is_not_asked_for_at_every_call() -> None:
    desk, clock = Desk(issued("T1", "2026-11-21 00:20:00")), SteppingClock()
    tokens = keeper(desk, clock)
    for _ in range(5):
        assert await tokens.token() == "T1"
    assert len(desk.requests) <= 2


async def test_asked_too_soon_it_waits_a_minute_and_tries_once() -> None:
    desk, clock = Desk(TOO_SOON, issued("T1")), SteppingClock()
    assert await keeper(desk, clock).token() == "T1"
    assert clock.slept == [60.0]


async def test_too_soon_twice_gives_up_for_a_minute() -> None:
    desk, clock = Desk(TOO_SOON), SteppingClock()
    tokens = keeper(desk, clock)
    with pytest.raises(RateLimited):
        await tokens.token()
    assert len(desk.requests) == 2
    with pytest.raises(AuthExpired):
        await tokens.token()
    assert len(desk.requests) == 2


async def test_a_clock_set_back_does_not_lengthen_the_rest_after_a_barren_answer() -> None:
    desk, clock = Desk(TOO_SOON, TOO_SOON, issued("T1")), SteppingClock()
    tokens = keeper(desk, clock)
    with pytest.raises(RateLimited):
        await tokens.token()
    clock.jump(clock.moment - timedelta(hours=1))
    assert await tokens.token() == "T1"


async def test_the_same_dead_token_again_does_not_become_a_loop() -> None:
    desk, clock = Desk(issued("T1")), SteppingClock()
    tokens = keeper(desk, clock)
    assert await tokens.token() == "T1"
    for _ in range(3):
        with pytest.raises(AuthExpired):
            await tokens.renew("T1")
    assert len(desk.requests) == 2


async def test_a_dead_token_is_renewed_once_for_all_who_met_it() -> None:
    desk = Desk(issued("T1"), issued("T2"))
    tokens = keeper(desk, SteppingClock())
    await tokens.token()
    renewed = await asyncio.gather(*(tokens.renew("T1") for _ in range(5)))
    assert set(renewed) == {"T2"}
    assert len(desk.requests) == 2


async def test_a_restart_takes_the_kept_token_of_the_same_side_only() -> None:
    cache, clock = MemoryCache(), SteppingClock()
    await keeper(Desk(issued("T1")), clock, cache).token()
    again = Desk(issued("T2"))
    assert await keeper(again, clock, cache).token() == "T1"
    assert again.requests == []
    for other in (
        replace(ENDPOINT, server=Server.PAPER),
        replace(ENDPOINT, base_url="http://127.0.0.1"),
        replace(ENDPOINT, keys=replace(KEYS, app_key="another")),
    ):
        assert await keeper(Desk(issued("T3")), clock, cache, other).token() == "T3"


@pytest.mark.parametrize(
    "kept",
    ["", "{", "[]", "null", '{"token": 1, "expires_at": "2026-11-21T14:00:00+00:00"}',
     '{"token": "T0", "expires_at": "2026-11-21T14:00:00"}'],
)  # fmt: skip
async def test_a_broken_cache_costs_a_new_token(kept: str) -> None:
    cache, clock = MemoryCache(), SteppingClock()
    await keeper(Desk(issued("T1")), clock, cache).token()
    cache.texts = dict.fromkeys(cache.texts, kept)
    assert await keeper(Desk(issued("T2")), clock, cache).token() == "T2"


async def test_without_a_readable_stamp_the_seconds_count() -> None:
    clock = SteppingClock()
    tokens = keeper(Desk(issued("T1", "soon", expires_in=86400)), clock)
    assert await tokens.token() == "T1"
    with pytest.raises(PayloadError):
        await keeper(Desk(issued("T1", "soon", expires_in="x")), clock).token()


async def test_a_maintenance_page_is_no_token() -> None:
    desk = Desk(httpx.Response(503, content=b"<html>"))
    with pytest.raises(BrokerUnavailable, match="no JSON, HTTP 503"):
        await keeper(desk, SteppingClock()).token()


async def test_the_approval_key_is_kept_for_23_hours() -> None:
    answers = [httpx.Response(200, json={"approval_key": f"A{n}"}) for n in range(3)]
    desk, clock = Desk(*answers), SteppingClock()
    http = KisHttp(ENDPOINT.base_url, httpx.MockTransport(desk))
    approvals = ApprovalKeeper(ENDPOINT, http, clock)
    assert [await approvals.key(), await approvals.key()] == ["A0", "A0"]
    assert desk.requests[0]["secretkey"] == "app-secret"
    clock.moment += timedelta(hours=23)
    assert await approvals.key() == "A1"
    approvals.forget()
    assert await approvals.key() == "A2"


async def test_a_refused_approval_key_is_an_error_without_secrets() -> None:
    text = "app-key 1234567801 app-secret?"
    refusal = httpx.Response(403, json={"error_code": "EGW00103", "error_description": text})
    http = KisHttp(ENDPOINT.base_url, httpx.MockTransport(Desk(refusal)))
    with pytest.raises(Exception, match="EGW00103") as caught:
        await ApprovalKeeper(ENDPOINT, http, SteppingClock()).key()
    assert "*** *** ***?" in str(caught.value)


def test_keys_hide_themselves_and_need_ten_digits() -> None:
    assert repr(KEYS) == "KisKeys(***)"
    assert "app" not in repr(ENDPOINT)
    with pytest.raises(ValueError, match="ten digits"):
        replace(KEYS, account="12345678-01")


def test_tokens_and_approval_keys_in_a_text_of_the_broker_are_known_by_their_length() -> None:
    token = "eyJ0eXAi.eyJzdWIiOiJ0b2tlbiIsImF1ZCI6.c2lnbmF0dXJl"
    said = KEYS.hide(f"Bearer {token} 3f2504e0-4f89-11d3-9a0c-0305e82c3301 초과 APBK0918")
    assert said == "Bearer *** *** 초과 APBK0918"


def test_whatever_else_is_a_secret_goes_too() -> None:
    keys = replace(KEYS, hide_more=lambda text: text.replace("c2VjcmV0", "***"))
    assert keys.hide("app-key c2VjcmV0") == "*** ***"
