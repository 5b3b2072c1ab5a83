"""The KIS broker and quotes against the sandbox."""

import asyncio
import logging
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from engine.adapters.kis.broker_us import render_price
from engine.adapters.kis.endpoint import Server
from engine.errors import BrokerRefused, BrokerUnavailable, QuotaExhausted, RateLimited
from engine.model.ids import BrokerOrderNo, ClientOrderId, DeskName, Qty, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.model.money import Usd
from engine.model.orders import Accepted, CancelIntent, OutcomeUnknown, Rejected, Side
from engine.model.quota import Priority
from sandbox.model import Side as SandboxSide
from tests.adapters.kis_stage import MemoryCache, Stage, order, stage

TODAY = date(2026, 11, 20)
AAPL = Instrument(Symbol("AAPL"), Exchange.NASD)
SELL, BALANCE, EXECUTIONS, PRICE = "TTTT1006U", "TTTS3012R", "TTTS3035R", "HHDFS00000300"
HELD = (("AAPL", 10, "100.0000"),)
FAR = "99999.00"  # rests for ever


def cancel_of(number: str, qty: int = 5) -> CancelIntent:
    return CancelIntent(
        ClientOrderId("us-1"), BrokerOrderNo(number), Symbol("AAPL"), Exchange.NASD, Qty(qty)
    )


async def filled(at: Stage, number: str) -> None:
    async with asyncio.timeout(5):
        while at.running.world.books.accounts[at.server].orders[number.zfill(10)].open_qty:
            await at.clock.sleep_until(at.clock.now() + timedelta(milliseconds=100))


# -- orders ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", list(Server))
async def test_a_sale_goes_out_once_and_comes_back_as_executed(server: Server) -> None:
    async with stage(server, holdings=HELD) as at:
        answer = await at.broker.place(order(limit="1.00"))
        assert isinstance(answer, Accepted)
        assert not answer.broker_order_no.startswith("0")
        await filled(at, answer.broker_order_no)
        (report,) = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        assert report.broker_order_no == answer.broker_order_no
        assert (report.filled_qty, report.open_qty, report.side) == (5, 0, Side.SELL)
        assert report.by_api
        assert report.avg_price is not None
        assert report.avg_price.amount > 1
        (holding,) = await at.broker.fetch_holdings(Priority.RECONCILE)
        assert (holding.symbol, holding.qty, holding.sellable_qty) == ("AAPL", 5, 5)


@pytest.mark.parametrize("server", list(Server))
async def test_an_open_order_can_be_taken_back(server: Server) -> None:
    async with stage(server, holdings=HELD) as at:
        placed = await at.broker.place(order(limit=FAR))
        assert isinstance(placed, Accepted)
        (holding,) = await at.broker.fetch_holdings(Priority.RECONCILE)
        assert (holding.qty, holding.sellable_qty) == (10, 5)
        answer = await at.broker.cancel(cancel_of(placed.broker_order_no))
        assert isinstance(answer, Accepted)
        assert answer.broker_order_no != placed.broker_order_no
        await filled(at, placed.broker_order_no)
        reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        by_number = {report.broker_order_no: report for report in reports}
        assert not by_number[placed.broker_order_no].is_open
        request = by_number[answer.broker_order_no]
        assert request.is_cancel
        assert request.original_order_no == placed.broker_order_no


@pytest.mark.parametrize("kind", ["reset_after", "truncated"])
async def test_an_order_taken_but_not_answered_is_unknown_and_not_repeated(kind: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, SELL)
        answer = await at.broker.place(order(limit=FAR))
        assert isinstance(answer, OutcomeUnknown)
        assert len(at.orders()) == 1
        assert at.calls(SELL) == 1


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("reset_before", ""),
        ("http500_html", ""),
        ("http500_json", "EGW00002"),
        ("http500_json", "EGW00301"),
        ("http500_json", "EGW00302"),
        ("http500_json", "XXX99999"),
        ("blank_codes", ""),
        ("maintenance", "1"),
    ],
)
async def test_trouble_leaves_an_order_unknown_and_it_is_sent_once(kind: str, value: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, SELL, value=value)
        assert isinstance(await at.broker.place(order(limit=FAR)), OutcomeUnknown)
        assert at.calls(SELL) == 1


async def test_a_slow_answer_is_still_an_answer() -> None:
    async with stage(holdings=HELD) as at:
        at.fault("slow", SELL, value="0.05")
        assert isinstance(await at.broker.place(order(limit=FAR)), Accepted)


@pytest.mark.parametrize(
    ("kind", "value", "code"),
    [("refuse", "APBK0952", "APBK0952"), ("refuse", "APBK7777", "APBK7777")],
)
async def test_a_business_refusal_is_a_definite_no(kind: str, value: str, code: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, SELL, value=value)
        answer = await at.broker.place(order(limit=FAR))
        assert isinstance(answer, Rejected)
        assert answer.code == code
        assert at.orders() == []


async def test_selling_more_than_is_there_is_refused_by_the_books() -> None:
    async with stage(holdings=HELD) as at:
        answer = await at.broker.place(order(qty=11, limit=FAR))
        assert isinstance(answer, Rejected)


@pytest.mark.parametrize("kind", ["rate_limited", "token_killed"])
async def test_what_never_passed_the_gateway_is_sent_once_more(kind: str) -> None:
    async with stage(holdings=HELD) as at:
        await at.broker.fetch_holdings(Priority.RECONCILE)
        at.fault(kind, SELL)
        assert isinstance(await at.broker.place(order(limit=FAR)), Accepted)
        assert len(at.orders()) == 1
        assert at.calls(SELL) == 2


@pytest.mark.parametrize("kind", ["rate_limited", "token_killed"])
async def test_a_second_gateway_refusal_is_final(kind: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, SELL, times=3)
        answer = await at.broker.place(order(limit=FAR))
        assert isinstance(answer, Rejected)
        assert at.calls(SELL) == 2


async def test_an_order_without_a_token_is_known_not_to_exist() -> None:
    async with stage(holdings=HELD) as at:
        at.fault("reset_before", "/oauth2/tokenP")
        answer = await at.broker.place(order(limit=FAR))
        assert isinstance(answer, Rejected)
        assert "not sent" in answer.text
        assert at.calls(SELL) == 0


async def test_a_cancel_that_is_not_answered_is_unknown() -> None:
    async with stage(holdings=HELD) as at:
        placed = await at.broker.place(order(limit=FAR))
        assert isinstance(placed, Accepted)
        at.fault("reset_after", "TTTT1004U")
        assert isinstance(await at.broker.cancel(cancel_of(placed.broker_order_no)), OutcomeUnknown)
        assert at.calls("TTTT1004U") == 1


async def test_cancelling_what_is_not_there_is_refused() -> None:
    async with stage(holdings=HELD) as at:
        assert isinstance(await at.broker.cancel(cancel_of("12345")), Rejected)


@pytest.mark.parametrize(
    ("limit", "side", "text"),
    [
        ("145", Side.SELL, "145.00"),
        ("145.001", Side.SELL, "145.01"),
        ("145.009", Side.BUY, "145.00"),
        ("1.0001", Side.SELL, "1.01"),
        ("0.98765", Side.SELL, "0.9877"),
        ("0.98765", Side.BUY, "0.9876"),
        ("1E+2", Side.SELL, "100.00"),
    ],
)
def test_prices_have_the_decimals_of_rule_612(limit: str, side: Side, text: str) -> None:
    assert render_price(Usd(Decimal(limit)), side) == text


# -- reads -----------------------------------------------------------------------------------


async def test_the_real_balance_takes_one_call_and_paper_three() -> None:
    holdings = (("AAPL", 10, "100"), ("F", 3, "10"))
    async with stage(holdings=holdings) as at:
        assert {h.symbol for h in await at.broker.fetch_holdings(Priority.QUOTE)} == {"AAPL", "F"}
        assert at.calls(BALANCE) == 1
    async with stage(Server.PAPER, holdings=holdings) as at:
        assert {h.symbol for h in await at.broker.fetch_holdings(Priority.QUOTE)} == {"AAPL", "F"}
        assert at.served("VTTS3012R") == 3


@pytest.mark.parametrize("kind", ["duplicate_rows", "blank_rows"])
async def test_holdings_are_neither_doubled_nor_invented(kind: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, times=0)
        (holding,) = await at.broker.fetch_holdings(Priority.QUOTE)
        assert (holding.symbol, holding.exchange, holding.qty) == ("AAPL", Exchange.NASD, 10)
        assert await at.broker.fetch_reports(TODAY, TODAY, Priority.QUOTE) == ()


@pytest.mark.parametrize("server", list(Server))
async def test_more_orders_than_a_page_holds_are_all_reported(server: Server) -> None:
    async with stage(server) as at:
        books = at.running.world.books
        for _ in range(47):
            books.hand_order(at.server, SandboxSide.BUY, "AAPL", 1, Decimal("1.00"))
        assert len(at.orders()) == 47
        reports = await at.broker.fetch_reports(TODAY, TODAY, Priority.RECONCILE)
        assert len({report.broker_order_no for report in reports}) == 47
        assert not any(report.by_api for report in reports)


@pytest.mark.parametrize("server", list(Server))
async def test_cash_comes_with_the_rate_by_one_call(server: Server) -> None:
    async with stage(server) as at:
        cash = await at.broker.fetch_cash(Priority.QUOTE)
        assert cash.deposit == Usd(Decimal(100000))
        assert cash.fx is not None
        assert 1000 < cash.fx.krw_per_usd < 2000
        assert at.broker.quota().used_today == 1


async def test_a_price_comes_with_its_book_where_there_is_one() -> None:
    async with stage() as at:
        tick = await at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=True)
        assert tick is not None
        assert tick.bid is not None
        assert tick.ask is not None
        assert tick.bid <= tick.ask
        assert at.broker.quota().used_today == 2
    async with stage(Server.PAPER) as at:
        tick = await at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=True)
        assert tick is not None
        assert tick.bid is None
        assert at.broker.quota().used_today == 1


async def test_a_failing_book_leaves_the_price() -> None:
    async with stage() as at:
        at.fault("refuse", "HHDFS76200100")
        tick = await at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=True)
        assert tick is not None
        assert tick.ask is None


async def test_before_the_first_trade_of_the_day_there_is_no_price() -> None:
    before = datetime(2026, 11, 20, 8, 59, tzinfo=UTC)  # 03:59 ET
    async with stage(start=before, speed=1) as at:
        assert await at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=True) is None


@pytest.mark.parametrize(
    "kind", ["reset_before", "http500_html", "http500_json", "blank_codes", "rate_limited"]
)
async def test_a_read_survives_passing_trouble(kind: str) -> None:
    async with stage(holdings=HELD) as at:
        at.fault(kind, BALANCE, times=2)
        assert len(await at.broker.fetch_holdings(Priority.QUOTE)) == 1
        assert at.calls(BALANCE) == 3
        assert at.broker.quota().used_today == 3
        assert (at.meter.tally().calls, at.meter.tally().errors) == (3, 0)


@pytest.mark.parametrize(
    ("kind", "error"), [("http500_html", BrokerUnavailable), ("rate_limited", RateLimited)]
)
async def test_lasting_trouble_ends_a_read_after_four_tries(
    kind: str, error: type[Exception]
) -> None:
    async with stage() as at:
        at.fault(kind, BALANCE, times=0)
        with pytest.raises(error):
            await at.broker.fetch_holdings(Priority.QUOTE)
        assert at.calls(BALANCE) == 4


async def test_a_refused_read_is_not_repeated() -> None:
    async with stage() as at:
        at.fault("refuse", BALANCE, value="APBK0919")
        with pytest.raises(BrokerRefused):
            await at.broker.fetch_holdings(Priority.QUOTE)
        assert at.calls(BALANCE) == 1


async def test_a_token_killed_early_is_renewed_once_for_everybody() -> None:
    async with stage(holdings=HELD) as at:
        await at.broker.fetch_holdings(Priority.QUOTE)
        at.fault("token_killed", BALANCE)
        at.running.world.clock.set_speed(1)
        results = await asyncio.gather(
            *(at.broker.fetch_holdings(Priority.QUOTE) for _ in range(4))
        )
        assert all(len(holdings) == 1 for holdings in results)
        assert at.issues() == 2


async def test_a_restart_uses_the_kept_token() -> None:
    cache = MemoryCache()
    async with stage(cache=cache) as at:
        await at.broker.fetch_holdings(Priority.QUOTE)
        assert at.issues() == 1
        (key,) = cache.texts
        assert at.endpoint.keys.app_key not in key


async def test_an_exhausted_budget_sends_nothing_but_exits() -> None:
    async with stage(holdings=HELD) as at:
        minute = at.clock.now().replace(second=0, microsecond=0)
        for _ in range(500):
            at.counts.add(DeskName.US, TODAY, minute)
        with pytest.raises(QuotaExhausted):
            await at.broker.fetch_holdings(Priority.QUOTE)
        assert at.calls(BALANCE) == 0
        assert isinstance(await at.broker.place(order(limit=FAR)), Accepted)
        assert at.broker.quota().used_last_hour == 501


async def test_callers_in_the_queue_do_not_overdraw_the_budget_together() -> None:
    async with stage() as at:
        minute = at.clock.now().replace(second=0, microsecond=0)
        for _ in range(497):
            at.counts.add(DeskName.US, TODAY, minute)
        results = await asyncio.gather(
            *(at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=False) for _ in range(8)),
            return_exceptions=True,
        )
        assert sum(isinstance(result, QuotaExhausted) for result in results) == 5
        assert at.calls(PRICE) == 3


async def test_paper_keeps_to_one_call_a_second() -> None:
    async with stage(Server.PAPER, speed=10) as at:
        before = at.clock.now()
        await asyncio.gather(
            *(at.quotes.fetch_price(AAPL, Priority.QUOTE, with_book=False) for _ in range(4))
        )
        assert at.clock.now() - before >= timedelta(seconds=3.3)
        assert at.meter.tally().errors == 0


# -- secrets ---------------------------------------------------------------------------------


async def test_nothing_that_identifies_the_customer_is_logged_or_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with stage(holdings=HELD) as at:
        texts = [repr(at.endpoint), repr(at.endpoint.keys), str(at.endpoint)]
        for kind in ("reset_before", "http500_html", "http500_json", "refuse", "truncated"):
            at.fault(kind, BALANCE, times=4)
            try:
                await at.broker.fetch_holdings(Priority.QUOTE)
            except (BrokerUnavailable, BrokerRefused) as error:
                texts += [str(error), repr(error)]
            at.running.world.faults.clear()
            at.fault(kind, SELL)
            texts.append(repr(await at.broker.place(order(limit=FAR))))
        texts += [record.getMessage() for record in caplog.records if record.name != "asyncio"]
        keys = at.endpoint.keys
        for secret in (keys.app_key, keys.app_secret, keys.account, keys.cano, keys.hts_id):
            assert not any(secret in text for text in texts)
