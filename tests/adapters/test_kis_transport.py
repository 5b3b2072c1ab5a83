"""Signed calls against scripted answers: pages, retries, what is said and what is not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from engine.adapters.kis.auth import TokenKeeper
from engine.adapters.kis.bodies import parse_body
from engine.adapters.kis.broker_us import KisUsBroker
from engine.adapters.kis.budget import CallBudget, CallCaps
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.fields import CALLS, Operation
from engine.adapters.kis.http import KisHttp
from engine.adapters.kis.limiter import RateLimiter
from engine.adapters.kis.transport import KisTransport
from engine.errors import AuthExpired, BrokerRefused, PayloadError
from engine.model.ids import DeskName
from engine.model.orders import Accepted, OutcomeUnknown, PlaceAnswer, Rejected
from engine.model.quota import Priority
from engine.rules.rate_limit import rate_of
from tests.adapters.kis_stage import (
    PER_SECOND,
    MemoryCache,
    MemoryCounts,
    SteppingClock,
    order,
    us_date,
)

KEYS = KisKeys("app-key", "app-secret", "1234567801", "my-hts-id")
ENDPOINT = KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", KEYS)
TOKEN = {"access_token": "T", "access_token_token_expired": "2026-11-21 23:00:00"}

Script = Callable[[httpx.Request], httpx.Response]


class Desk:
    """Gives tokens, and asks the script for everything else."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: list[httpx.Request] = []
        self.tokens = 0
        self.same_token = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path == "/oauth2/tokenP":
            self.tokens += not self.same_token
            return httpx.Response(200, json=TOKEN | {"access_token": f"T{self.tokens}"})
        self.requests.append(request)
        return self.script(request)


def broker(script: Script) -> tuple[KisUsBroker, Desk, SteppingClock]:
    desk, clock = Desk(script), SteppingClock()
    http = KisHttp(ENDPOINT.base_url, httpx.MockTransport(desk))
    transport = KisTransport(
        ENDPOINT,
        http,
        TokenKeeper(ENDPOINT, http, clock, MemoryCache()),
        RateLimiter(clock, rate_of(PER_SECOND[Server.REAL])),
        clock,
    )
    budget = CallBudget(DeskName.US, CallCaps(), MemoryCounts(), clock, us_date)
    return KisUsBroker(transport, budget, clock), desk, clock


def page(symbols: list[str], nk: str, tr_cont: str) -> httpx.Response:
    rows = [
        {
            "ovrs_pdno": symbol,
            "ovrs_cblc_qty": "1",
            "ord_psbl_qty": "1",
            "pchs_avg_pric": "1.0",
            "ovrs_excg_cd": "NASD",
        }
        for symbol in symbols
    ]
    body = {"rt_cd": "0", "output1": rows, "ctx_area_fk200": "f" + " " * 9, "ctx_area_nk200": nk}
    return httpx.Response(200, json=body, headers={"tr_cont": tr_cont})


async def test_pages_are_asked_for_with_the_keys_of_the_body() -> None:
    answers = iter([page(["A"], "n1   ", "F"), page(["B"], "n2", "M"), page(["C"], "", "D")])
    at, desk, _ = broker(lambda _: next(answers))
    assert [h.symbol for h in await at.fetch_holdings(Priority.QUOTE)] == ["A", "B", "C"]
    assert [request.headers["tr_cont"] for request in desk.requests] == ["", "N", "N"]
    keys = [request.url.params["CTX_AREA_NK200"] for request in desk.requests]
    assert keys == ["", "n1", "n2"]


FIRST, SECOND = page(["A", "B"], "n1", "F"), page(["C"], "", "D")
NO_ROWS = page([], "", "D")
NO_LIST = httpx.Response(200, json={"rt_cd": "0"}, headers={"tr_cont": "D"})
NO_MORE = httpx.Response(200, json={"rt_cd": "0", "msg_cd": "KIOK0560"})
RISEN = [row | {"now_pric2": "2.0"} for row in FIRST.json()["output1"]]
DEARER = httpx.Response(200, json={"rt_cd": "0", "output1": RISEN}, headers={"tr_cont": "D"})


@pytest.mark.parametrize(
    ("replies", "trouble"),
    [
        ([FIRST, FIRST], "told twice"),
        ([FIRST, DEARER], "told twice"),
        ([FIRST, NO_ROWS], "without rows"),
        ([FIRST, NO_LIST], "without rows"),
        ([page(["A"], "", "F")], "no new key"),
        ([FIRST, page(["C"], "n1", "M")], "no new key"),
    ],
)
async def test_a_page_that_leads_nowhere_is_asked_for_again_and_then_refused(
    replies: list[httpx.Response], trouble: str
) -> None:
    at, desk, _ = broker(lambda _: replies[min(len(desk.requests), len(replies)) - 1])
    with pytest.raises(PayloadError, match=trouble):
        await at.fetch_holdings(Priority.QUOTE)
    assert len(desk.requests) == len(replies) + 1
    asked_again = [dict(request.url.params) for request in desk.requests[-2:]]
    assert asked_again[0] == asked_again[1]


async def test_a_page_that_came_twice_once_costs_no_rows() -> None:
    answers = iter([FIRST, FIRST, SECOND])
    at, _, _ = broker(lambda _: next(answers))
    assert [h.symbol for h in await at.fetch_holdings(Priority.QUOTE)] == ["A", "B", "C"]


async def test_what_was_not_the_last_page_is_not_the_last_when_asked_again() -> None:
    answers = iter([page(["A", "B"], "", "F"), page(["A"], "", "D")])
    at, _, _ = broker(lambda _: next(answers))
    with pytest.raises(PayloadError, match="no new key"):
        await at.fetch_holdings(Priority.QUOTE)


async def test_a_full_last_page_is_followed_by_the_word_that_there_is_no_more() -> None:
    answers = iter([FIRST, NO_MORE])
    at, _, _ = broker(lambda _: next(answers))
    assert len(await at.fetch_holdings(Priority.QUOTE)) == 2


async def test_a_part_never_passes_for_the_whole() -> None:
    def endless(_: httpx.Request) -> httpx.Response:
        count = len(desk.requests)
        return page([f"S{count}"], f"n{count}", "M")

    at, desk, _ = broker(endless)
    with pytest.raises(PayloadError, match="more pages"):
        await at.fetch_holdings(Priority.QUOTE)
    assert len(desk.requests) == 20


async def test_every_call_is_signed() -> None:
    at, desk, _ = broker(lambda _: page([], "", ""))
    await at.fetch_holdings(Priority.QUOTE)
    headers = desk.requests[0].headers
    assert headers["authorization"] == "Bearer T1"
    assert (headers["appkey"], headers["appsecret"]) == ("app-key", "app-secret")
    assert (headers["custtype"], headers["tr_id"]) == ("P", "TTTS3012R")
    assert headers["content-type"] == "application/json; charset=utf-8"
    assert "python" not in headers["user-agent"].lower()


async def test_bodies_are_texts_of_known_length() -> None:
    at, desk, _ = broker(
        lambda _: httpx.Response(200, json={"rt_cd": "0", "output": {"ODNO": "1"}})
    )
    assert await at.place(order(limit="145.5")) == Accepted("1")  # type: ignore[arg-type]
    request = desk.requests[0]
    assert "content-length" in request.headers
    assert b'"ORD_QTY":"5"' in request.content
    assert b'"OVRS_ORD_UNPR":"145.50"' in request.content
    assert b'"ORD_DVSN":"00"' in request.content
    assert b'"SLL_TYPE":"00"' in request.content


async def test_a_token_refused_twice_is_not_renewed_twice() -> None:
    refusal = httpx.Response(500, json={"rt_cd": "1", "msg_cd": "EGW00121", "msg1": "x"})
    at, desk, _ = broker(lambda _: refusal)
    with pytest.raises(AuthExpired):
        await at.fetch_holdings(Priority.QUOTE)
    assert desk.tokens == 2


async def test_an_order_refused_for_a_token_that_cannot_be_renewed_is_a_no() -> None:
    refusal = httpx.Response(500, json={"rt_cd": "1", "msg_cd": "EGW00121", "msg1": "x"})
    at, desk, _ = broker(lambda _: refusal)
    with pytest.raises(AuthExpired):
        await at.fetch_holdings(Priority.QUOTE)
    desk.same_token = True
    posted = len(desk.requests)
    assert await at.place(order()) == Rejected("EGW00121", "x", is_about_order=False)
    assert len(desk.requests) == posted + 1


async def test_an_order_does_not_wait_for_the_token_after_the_living_one() -> None:
    at, desk, clock = broker(lambda _: page([], "", ""))
    await at.fetch_holdings(Priority.QUOTE)
    clock.moment += timedelta(hours=22, minutes=30)
    await at.place(order())
    assert desk.tokens == 1
    await at.fetch_holdings(Priority.QUOTE)
    assert desk.tokens == 2


def test_a_body_beyond_all_measure_is_none() -> None:
    assert parse_body(b"{}") == {}
    assert parse_body(b"{" + b" " * 4 * 1024 * 1024 + b"}") is None


@pytest.mark.parametrize(
    ("error", "calls"), [(httpx.ReadTimeout, 1), (httpx.ConnectError, 1), (httpx.ReadError, 1)]
)
async def test_a_lost_order_is_unknown_and_posted_once(
    error: type[httpx.TransportError], calls: int
) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error("https://kis.test/?CANO=12345678")

    at, desk, _ = broker(fail)
    answer = await at.place(order())
    assert isinstance(answer, OutcomeUnknown)
    assert "12345678" not in answer.reason
    assert len(desk.requests) == calls


async def test_no_answer_to_the_second_post_is_unknown_too() -> None:
    def script(_: httpx.Request) -> httpx.Response:
        if len(desk.requests) == 1:
            return httpx.Response(500, json={"rt_cd": "1", "msg_cd": "EGW00201"})
        raise httpx.ReadTimeout("x")

    at, desk, clock = broker(script)
    assert isinstance(await at.place(order()), OutcomeUnknown)
    assert len(desk.requests) == 2
    assert 1.0 in clock.slept


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, {"rt_cd": "0", "output": {"ODNO": "0000037508"}}, Accepted),
        (200, {"rt_cd": "0", "output": {"ODNO": ""}}, OutcomeUnknown),
        (200, {"rt_cd": "0"}, OutcomeUnknown),
        (500, {"rt_cd": "0", "output": {"ODNO": "1"}}, OutcomeUnknown),
        (200, {"rt_cd": "", "msg_cd": "APBK0952"}, OutcomeUnknown),
        (200, {"rt_cd": "1", "msg_cd": "", "msg1": ""}, OutcomeUnknown),
        (200, {"rt_cd": "7", "msg_cd": "APBK0952"}, Rejected),
        (200, {"rt_cd": "1", "msg_cd": "NEW00001"}, Rejected),
        (500, {"rt_cd": "1", "msg_cd": "NEW00001"}, OutcomeUnknown),
        (500, {"rt_cd": "1", "msg_cd": "EGW00304"}, Rejected),
        (200, {}, OutcomeUnknown),
        (200, [], OutcomeUnknown),
        (503, {"error_code": "X"}, OutcomeUnknown),
    ],
)
async def test_only_a_definite_answer_is_taken_as_one(
    status: int, body: Any, kind: type[PlaceAnswer]
) -> None:
    at, desk, _ = broker(lambda _: httpx.Response(status, json=body))
    assert isinstance(await at.place(order()), kind)
    assert len(desk.requests) == 1


async def test_texts_of_the_broker_lose_what_identifies_the_customer() -> None:
    text = "계좌 1234567801 (12345678, my-hts-id) app-key app-secret"
    refusal = {"rt_cd": "1", "msg_cd": "APBK0919", "msg1": text}
    at, _, _ = broker(lambda _: httpx.Response(200, json=refusal))
    answer = await at.place(order())
    assert answer == Rejected("APBK0919", "계좌 *** (***, ***) *** ***")
    with pytest.raises(BrokerRefused) as caught:
        await at.fetch_holdings(Priority.QUOTE)
    assert "1234567" not in str(caught.value)


async def test_a_code_that_is_no_code_is_blank() -> None:
    refusal = {"rt_cd": "1", "msg_cd": "1234567801 app-key", "msg1": ""}
    at, _, _ = broker(lambda _: httpx.Response(200, json=refusal))
    answer = await at.place(order())
    assert isinstance(answer, OutcomeUnknown)
    assert "app-key" not in answer.reason


def test_the_paper_sell_has_its_own_id_and_paper_has_no_book() -> None:
    assert CALLS[Operation.SELL, Server.PAPER].tr_id == "VTTT1001U"
    assert CALLS[Operation.SELL, Server.REAL].tr_id == "TTTT1006U"
    assert (Operation.BOOK, Server.PAPER) not in CALLS
