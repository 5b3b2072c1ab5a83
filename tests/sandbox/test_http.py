import asyncio
import json
from collections.abc import AsyncIterator
from decimal import Decimal
from email.utils import parsedate_to_datetime

import aiohttp
import pytest
from aiohttp import web

from sandbox.http import Running, require_loopback, serve
from sandbox.model import Fault, Notice, Server, Side
from sandbox.session import ET
from tests.sandbox.kis_desk import TRADING, KisDesk, et, prints


class Stage:
    """A served desk and an HTTP client."""

    def __init__(self, desk: KisDesk, running: Running, http: aiohttp.ClientSession) -> None:
        self.desk, self.running, self.http = desk, running, http

    async def sell(self, qty: str) -> dict[str, object]:
        headers = self.desk.headers(Server.REAL, "TTTT1006U")
        params = self.desk.account(Server.REAL) | {
            "OVRS_EXCG_CD": "NASD",
            "PDNO": "AAPL",
            "ORD_QTY": qty,
            "OVRS_ORD_UNPR": "99.00",
            "SLL_TYPE": "00",
            "ORD_SVR_DVSN_CD": "0",
            "ORD_DVSN": "00",
        }
        url = f"{self.running.url}/real{TRADING}order"
        async with self.http.post(url, headers=headers, data=json.dumps(params)) as response:
            return json.loads(await response.text())  # type: ignore[no-any-return]

    async def control(self, method: str, path: str, fields: object = None) -> object:
        url = f"{self.running.url}/sandbox/{path}"
        async with self.http.request(method, url, json=fields) as response:
            content = await response.json()
            return content if response.status == 200 else (response.status, content)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(11), "110.00", 99)))
    desk.hold("AAPL", 10, "90")
    running = await serve(desk.world, rest=desk.rest)
    async with aiohttp.ClientSession() as http:
        yield Stage(desk, running, http)
    await running.close()


async def test_an_order_travels_over_http_and_its_notices_follow_the_answer(stage: Stage) -> None:
    answer = await stage.sell("4")
    assert answer["rt_cd"] == "0"
    assert "fill" not in stage.desk.kinds()
    stage.desk.wait(1)
    assert stage.desk.kinds() == ["received", "confirmed", "fill"]


async def test_no_notice_leaves_while_the_answer_is_being_written(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    told_while_writing: list[list[str]] = []
    really_write = web.Response.write_eof

    async def write_eof(self: web.Response, data: bytes = b"") -> None:
        stage.desk.wait(1)
        told_while_writing.append(stage.desk.kinds())
        await really_write(self, data)

    monkeypatch.setattr(web.Response, "write_eof", write_eof)
    answer = await stage.sell("4")
    assert answer["rt_cd"] == "0"
    assert told_while_writing[0] == []
    assert stage.desk.kinds() == ["received", "confirmed", "fill"]


async def test_a_notice_may_overtake_the_answer_when_scripted(stage: Stage) -> None:
    stage.desk.world.faults.add(Fault("rest", "notice_before_reply"))
    await stage.sell("4")
    assert stage.desk.kinds() == ["received", "confirmed", "fill"]


async def test_a_reset_after_acceptance_cuts_the_line_and_keeps_the_order(stage: Stage) -> None:
    stage.desk.world.faults.add(Fault("rest", "reset_after", "TTTT1006U"))
    with pytest.raises(aiohttp.ClientError):
        await stage.sell("4")
    assert len(stage.desk.world.books.accounts[Server.REAL].orders) == 1


async def test_the_headers_of_an_answer_are_those_of_kis(stage: Stage) -> None:
    headers = stage.desk.headers(Server.REAL, "HHDFS00000300")
    url = f"{stage.running.url}/real/uapi/overseas-price/v1/quotations/price"
    params = {"AUTH": "", "EXCD": "NAS", "SYMB": "AAPL"}
    async with stage.http.get(url, headers=headers, params=params) as response:
        assert response.status == 200
        assert response.headers["tr_id"] == "HHDFS00000300"
        assert response.headers["content-type"] == "application/json; charset=utf-8"
        told = parsedate_to_datetime(response.headers["Date"])
        assert told == stage.desk.world.clock.now().replace(microsecond=0)  # the market's time
        assert (await response.json())["output"]["last"] == "100.0000"


@pytest.mark.parametrize("path", ["elsewhere", "sandbox/clock"])
async def test_every_server_tells_the_time_of_the_market(stage: Stage, path: str) -> None:
    async with stage.http.head(f"{stage.running.url}/{path}") as response:
        told = parsedate_to_datetime(response.headers["Date"])
    assert told == stage.desk.world.clock.now().replace(microsecond=0)


async def test_an_unknown_path_is_refused_like_an_unknown_service(stage: Stage) -> None:
    headers = stage.desk.headers(Server.REAL, "HHDFS00000300")
    async with stage.http.get(f"{stage.running.url}/real/uapi/nowhere", headers=headers) as reply:
        assert (await reply.json())["msg_cd"] == "OPSQ0002"
    async with stage.http.get(f"{stage.running.url}/elsewhere") as reply:
        assert reply.status == 404


async def test_the_controls_jump_through_the_books(stage: Stage) -> None:
    await stage.control("POST", "order", {"side": "sell", "symbol": "AAPL", "qty": 5, "limit": 105})
    noon = et(12).astimezone(ET).isoformat()
    await stage.control("POST", "clock", {"jump_to": noon})
    books = await stage.control("GET", "books")
    assert isinstance(books, dict)
    (fill,) = books["real"]["fills"]
    assert (fill["price"], fill["qty"]) == ("105", 5)
    state = await stage.control("GET", "state")
    assert isinstance(state, dict)
    assert state["quotes"]["AAPL"]["last"] == "110.00"
    assert state["clock"]["now"] == et(12).isoformat()


async def test_the_controls_buy_by_hand_and_set_holdings(stage: Stage) -> None:
    await stage.control("POST", "buy", {"symbol": "AAPL", "qty": 2})
    stage.desk.wait(1)
    account = stage.desk.world.books.accounts[Server.REAL]
    assert account.held("AAPL") == 12
    await stage.control("POST", "holding", {"symbol": "KO", "qty": 3, "average": "55.5"})
    assert account.held("KO") == 3


async def test_the_controls_script_and_clear_trouble(stage: Stage) -> None:
    await stage.control("POST", "fault", {"channel": "rest", "kind": "slow", "times": 0})
    shown = await stage.control("GET", "faults")
    assert isinstance(shown, dict)
    assert [fault["kind"] for fault in shown["waiting"]] == ["slow"]
    await stage.control("DELETE", "faults")
    assert stage.desk.world.faults.waiting() == ()


async def test_the_controls_show_the_calls_since_a_moment(stage: Stage) -> None:
    await stage.sell("1")
    stage.desk.wait(10)
    later = stage.desk.world.clock.now().isoformat().replace("+00:00", "Z")
    await stage.sell("1")
    everything = await stage.control("GET", "requests")
    recent = await stage.control("GET", f"requests?since={later}")
    assert isinstance(everything, list)
    assert isinstance(recent, list)
    assert [entry["tr_id"] for entry in recent] == ["TTTT1006U"]
    assert len(everything) > len(recent)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("clock", {"speed": 0}),
        ("clock", {"jump_to": "2026-11-20T12:00:00"}),
        ("clock", {"jump_to": "2026-11-19T12:00:00-05:00"}),
        ("buy", {"symbol": "AAPL", "qty": "many"}),
        ("buy", {"symbol": "NOPE", "qty": 1}),
        ("order", {"side": "hold", "symbol": "AAPL", "qty": 1}),
        ("nudge", {"symbol": "NOPE", "pct": 1}),
        ("fault", {"kind": "slow"}),
        ("drift", {"symbol": "AAPL", "pct": 1, "seconds": "x"}),
        ("clock", []),
    ],
)
async def test_misuse_of_the_controls_is_answered_with_400(
    stage: Stage, path: str, fields: object
) -> None:
    answer = await stage.control("POST", path, fields)
    assert isinstance(answer, tuple)
    assert answer[0] == 400
    assert "error" in answer[1]


async def test_a_drift_by_control_lifts_the_price(stage: Stage) -> None:
    await stage.control("POST", "drift", {"symbol": "AAPL", "pct": 20, "seconds": 60})
    stage.desk.until(et(11, 0, 1))
    last = stage.desk.world.market.last("AAPL")
    assert last is not None
    assert last.price > 115


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.10", "8.8.8.8", "example.com", "::"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        require_loopback(host)
    require_loopback("127.0.0.1")
    require_loopback("::1")


async def test_the_market_task_plays_while_time_passes() -> None:
    desk = KisDesk(prints((et(10, 0, 5), "100.00", 99)), start=et(10))
    printed = asyncio.Event()
    desk.world.market.on_trade(lambda _trade: printed.set())
    task = asyncio.ensure_future(desk.world.run())
    desk.world.books.hand_order(Server.REAL, Side.BUY, "AAPL", 1)
    desk.seconds.value += 6
    desk.world.clock.set_speed(2.0)
    await asyncio.wait_for(printed.wait(), 5)
    assert desk.kinds()[:2] == ["received", "confirmed"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_jump_plays_the_stretch_before_the_clock_moves() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99), (et(11), "110.00", 99)))
    desk.hold("AAPL", 5, "90")
    desk.world.books.hand_order(Server.REAL, Side.SELL, "AAPL", 5, limit=Decimal(105))
    seen: list[tuple[bool, bool, bool]] = []
    clock = desk.world.clock

    def watch(notice: Notice) -> None:
        seen.append((desk.world.jumping, clock.frozen, clock.now() < et(11)))

    desk.world.books.on_notice(watch)
    await desk.world.jump(et(12))
    assert seen == [(True, True, True)] * 3
    assert (clock.now(), clock.frozen, desk.world.jumping) == (et(12), False, False)
    assert desk.notices[-1].at == et(11)
    with pytest.raises(ValueError, match="back"):
        await desk.world.jump(et(11))
