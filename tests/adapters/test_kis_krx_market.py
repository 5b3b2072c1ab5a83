"""Scans, charts, calendar and prices against the sandbox's domestic REST side."""

import io
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from engine.adapters.kis.endpoint import Server
from engine.adapters.kis.krx.master import MasterFiles, parse_master
from engine.errors import BrokerError, BrokerRefused, BrokerUnavailable, PayloadError
from engine.model.ids import Symbol
from engine.model.listing import SecurityKind, Segment
from engine.model.market_events import Ranking
from engine.model.money import Krw
from engine.model.quota import Priority
from tests.adapters.krx_stage import MORNING, NAME, TODAY, krx_stage
from tests.sandbox.krx_desk import FUND, NOTE, OTHER, SHARE, auction, kst, trade

SCAN = Priority.SCAN
MINUTE = timedelta(minutes=1)
# A trade a minute from the open on, one won tick up each.
CLIMB = [auction(kst(9), 10_000)] + [
    trade(kst(9) + MINUTE * minute + timedelta(seconds=5), 10_000 + 10 * (minute % 90))
    for minute in range(120)
]
BOTH = {
    SHARE: CLIMB,
    OTHER: [auction(kst(9), 10_000), trade(kst(9, 1), 9_800), trade(kst(9, 2), 9_900)],
}


def won(amount: int) -> Krw:
    return Krw(Decimal(amount))


# -- prices ----------------------------------------------------------------------------------


@pytest.mark.parametrize("server", list(Server))
async def test_a_price_comes_with_book_and_day(server: Server) -> None:
    async with krx_stage(server, BOTH) as at:
        tick = await at.quotes.fetch_price(NAME, Priority.QUOTE, with_book=True)
        assert tick is not None
        assert (tick.symbol, tick.prev_close) == (SHARE, won(10_000))
        assert tick.bid is not None
        assert tick.ask is not None
        assert tick.bid < tick.ask
        assert tick.bid_size
        assert tick.ask_size
        assert tick.day is not None
        assert (tick.day.open, tick.day.is_regular) == (won(10_000), True)
        assert (tick.day.is_halted, tick.day.has_vi) == (False, False)
        assert tick.cum_volume


async def test_yesterdays_price_is_none_to_act_on() -> None:
    async with krx_stage(tape=[trade(kst(11), 10_050)]) as at:
        tick = await at.quotes.fetch_price(NAME, Priority.QUOTE, with_book=False)
        assert tick is not None
        assert tick.day is not None
        assert (tick.price, tick.day.is_regular) == (won(10_000), False)


async def test_limits_and_a_halt_are_seen() -> None:
    async with krx_stage(tape=BOTH) as at:
        state = await at.market.fetch_state(Symbol(SHARE), Priority.QUOTE)
        assert (state.base_price, state.upper_limit, state.lower_limit) == (
            won(10_000), won(13_000), won(7_000),
        )  # fmt: skip
        assert (state.is_halted, state.has_vi) == (False, False)
        at.at.running.world.krx.market.halt(SHARE, at.at.clock.now())
        assert (await at.market.fetch_state(Symbol(SHARE), Priority.QUOTE)).is_halted


async def test_an_unknown_name_has_no_state() -> None:
    async with krx_stage() as at:
        with pytest.raises(BrokerError):
            await at.market.fetch_state(Symbol("999999"), Priority.QUOTE)


# -- scans -----------------------------------------------------------------------------------


@pytest.mark.parametrize("ranking", list(Ranking))
async def test_every_ranking_is_read(ranking: Ranking) -> None:
    async with krx_stage(tape=BOTH) as at:
        rows = await at.market.fetch_ranking(ranking, SCAN)
        assert SHARE in [row.symbol for row in rows]
        for row in rows:
            assert row.prev_close == won(10_000)
            assert row.change_pct is not None
            assert row.cum_volume
        if ranking is Ranking.RISERS:
            assert [row.symbol for row in rows] == [SHARE]  # not by the way from the day's low
        if ranking is Ranking.STRENGTH:
            assert rows[0].strength is not None
        if ranking is Ranking.TRADED_VALUE:
            assert rows[0].cum_value is not None


async def test_thirty_names_are_one_call_and_more_are_more() -> None:
    async with krx_stage(tape=BOTH, speed=600) as at:
        rows = await at.market.fetch_rows((Symbol(OTHER), Symbol(SHARE)), SCAN)
        assert [row.symbol for row in rows] == [OTHER, SHARE]
        assert rows[0].change_pct == Decimal("-1.00")
        assert (rows[1].open, rows[1].bid is None, rows[1].ask is None) == (
            won(10_000), False, False,
        )  # fmt: skip
        await at.market.fetch_rows((Symbol(SHARE),) * 31, SCAN)
        assert at.at.calls("FHKST11300006") == 3


async def test_on_paper_names_are_asked_one_by_one() -> None:
    async with krx_stage(Server.PAPER, BOTH, speed=600) as at:
        assert at.market.facilities.rows_per_call == 1
        rows = await at.market.fetch_rows((Symbol(OTHER), Symbol(SHARE)), SCAN)
        assert [(row.symbol, row.price) for row in rows] == [
            (OTHER, won(9_900)), (SHARE, rows[1].price),
        ]  # fmt: skip
        assert at.at.served("FHKST01010100") == 2


async def test_what_paper_lacks_is_refused_without_a_call() -> None:
    async with krx_stage(Server.PAPER) as at:
        assert (at.market.facilities.rankings, at.market.facilities.has_open_days) == (
            frozenset(), False,
        )  # fmt: skip
        with pytest.raises(BrokerRefused):
            await at.market.fetch_ranking(Ranking.RISERS, SCAN)
        with pytest.raises(BrokerRefused):
            await at.market.fetch_open_days(TODAY, SCAN)
        assert at.broker.quota().used_today == 0


# -- charts, index, calendar -----------------------------------------------------------------


@pytest.mark.parametrize("server", list(Server))
async def test_days_come_oldest_first_and_without_today(server: Server) -> None:
    async with krx_stage(server, BOTH, days=120) as at:
        candles = await at.market.fetch_day_candles(Symbol(SHARE), TODAY, SCAN)
        days = [candle.day for candle in candles]
        assert days == sorted(days)
        assert len(days) == 100
        assert days[-1] == date(2026, 11, 19)
        assert candles[-1].close == won(10_000)
        assert candles[-1].volume == 500_000


@pytest.mark.parametrize(("now", "until"), [(3, 5), (30, 30), (31, 5), (75, 30), (75, 75)])
async def test_the_thirty_minutes_before_a_moment_are_one_call(now: int, until: int) -> None:
    start = kst(9) + MINUTE * now + timedelta(seconds=30)
    async with krx_stage(tape=BOTH, start=start) as at:
        candles = await at.market.fetch_minute_candles(Symbol(SHARE), kst(9) + MINUTE * until, SCAN)
        wanted = range(max(0, until - 30), min(now, until))
        assert [candle.at for candle in candles] == [kst(9) + MINUTE * n for n in wanted]
        assert at.at.calls("FHKST03010200") == 1


async def test_minutes_without_trades_and_the_running_one_are_left_out() -> None:
    prints = [trade(kst(9, 1), 10_010), trade(kst(9, 40), 10_020), trade(kst(10, 0, 1), 10_030)]
    async with krx_stage(tape=prints, start=kst(10, 0, 20)) as at:
        until = kst(10, 0, 20)
        candles = await at.market.fetch_minute_candles(Symbol(SHARE), until, SCAN)
        assert [candle.at for candle in candles] == [kst(9, 40)]


@pytest.mark.parametrize("server", list(Server))
@pytest.mark.parametrize("segment", list(Segment))
async def test_an_index_comes_with_its_previous_close(server: Server, segment: Segment) -> None:
    async with krx_stage(server, BOTH) as at:
        seen = await at.market.fetch_index(segment, SCAN)
        state = at.at.running.world.krx.market.index(segment.value)
        assert abs(seen.prev_close - state.prev_close) <= Decimal("0.01")
        assert abs(seen.change_pct - state.change_pct) < Decimal("0.1")
        assert seen.segment is segment


async def test_three_weeks_of_the_calendar_are_one_call() -> None:
    async with krx_stage() as at:
        days = dict(await at.market.fetch_open_days(TODAY, SCAN))
        assert days[TODAY]
        assert not days[date(2026, 11, 21)]  # Saturday
        assert len(days) > 20
        assert at.at.calls("CTCA0903R") == 1


# -- master files ----------------------------------------------------------------------------


async def test_the_master_files_tell_what_is_listed() -> None:
    async with krx_stage() as at:
        listings = {listing.symbol: listing for listing in await at.market.fetch_listings(SCAN)}
        assert set(listings) == {SHARE, OTHER, FUND, NOTE}
        share = listings[Symbol(SHARE)]
        assert (share.name, share.segment, share.kind) == (
            "한빛소재", Segment.KOSPI, SecurityKind.COMMON,
        )  # fmt: skip
        assert (share.base_price, share.shares) == (won(10_000), 20_000_000)
        assert share.market_cap == won(200_000_000_000)
        assert listings[Symbol(OTHER)].segment is Segment.KOSDAQ
        assert listings[Symbol(FUND)].kind is SecurityKind.ETF
        assert listings[Symbol(NOTE)].kind is SecurityKind.ETN
        assert at.broker.quota().used_today == 0  # no call of the API


async def test_master_files_that_cannot_be_had_are_no_empty_market(tmp_path: Path) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        if "kosdaq" in str(request.url):
            raise httpx.ReadTimeout("slow")
        return httpx.Response(404)

    with pytest.raises(BrokerUnavailable):
        await MasterFiles("http://master.test", tmp_path, httpx.MockTransport(broken)).fetch(
            MORNING
        )


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.Response(200, content=b"<html>")])
async def test_the_last_good_master_files_stand_in_for_bad_ones_for_four_days(
    tmp_path: Path, answer: httpx.Response, caplog: pytest.LogCaptureFixture
) -> None:
    async with krx_stage() as at:
        url = f"{at.at.running.url}/master"
        good = await MasterFiles(url, tmp_path / "masters").fetch(MORNING)
    broken = httpx.MockTransport(lambda _: answer)
    masters = MasterFiles("http://master.test", tmp_path / "masters", broken)
    assert await masters.fetch(MORNING + timedelta(days=3, hours=5)) == good
    assert "3 d 5 h old" in caplog.text
    with pytest.raises(BrokerUnavailable, match="4 days old"):
        await masters.fetch(MORNING + timedelta(days=4, hours=1))


async def test_master_files_that_cannot_be_kept_are_used_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "masters").write_text("a file where the folder should be")
    async with krx_stage() as at:
        url = f"{at.at.running.url}/master"
        assert await MasterFiles(url, tmp_path / "masters").fetch(MORNING)


def packed(text: str, name: str = "kospi_code.mst") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, text.encode("cp949"))
    return file.getvalue()


def marked(content: bytes, local: int, central: int, value: int) -> bytes:
    """One byte of both headers changed."""
    changed, directory = bytearray(content), content.index(b"PK\x01\x02")
    changed[local] = changed[directory + central] = value
    return bytes(changed)


@pytest.mark.parametrize(
    "content",
    [
        b"<html>maintenance</html>",
        packed("005930", name="other.mst"),
        packed("nothing that could be a line"),
        packed("x")[:-30],
        marked(packed("x"), 6, 8, 1),
        marked(packed("x"), 8, 10, 14),
    ],
    ids=["html", "another file", "another layout", "cut off", "encrypted", "packed otherwise"],
)
def test_what_is_no_master_file_is_refused(content: bytes) -> None:
    with pytest.raises(PayloadError):
        parse_master(Segment.KOSPI, content)
