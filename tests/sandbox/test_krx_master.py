"""The master files, read as the published notes say: cp949, split from the right."""

import io
import zipfile
from dataclasses import replace
from decimal import Decimal

import aiohttp
import pytest

from sandbox.http import serve
from sandbox.krx.listings import DEFAULT_KRX, KrxListing
from sandbox.krx.master import zipped
from tests.sandbox.krx_desk import LISTINGS, SHARE, KrxDesk, listing

WIDTH = {"KOSPI": 227, "KOSDAQ": 221}
# Offsets in the tail by segment, as published: group, SPAC, overheating, base price, halted,
# liquidation, managed, warning, previous volume, listing date, shares, preferred, market value.
KOSPI_AT = (0, 29, 32, 41, 60, 61, 62, 63, 81, 105, 113, 158, 212)
KOSDAQ_AT = (0, 24, 27, 36, 55, 56, 57, 58, 76, 100, 108, 153, 206)
WIDE = (2, 1, 1, 9, 1, 1, 1, 2, 12, 8, 15, 1, 9)


def lines(segment: str, listings: tuple[KrxListing, ...]) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(zipped(segment, listings))) as archive:
        (name,) = archive.namelist()
        assert name == f"{segment.lower()}_code.mst"
        return archive.read(name).decode("cp949").splitlines()


def read(line: str, segment: str) -> list[str]:
    tail = line[-WIDTH[segment] :]
    offsets = KOSPI_AT if segment == "KOSPI" else KOSDAQ_AT
    return [tail[at : at + wide] for at, wide in zip(offsets, WIDE, strict=True)]


@pytest.mark.parametrize("segment", ["KOSPI", "KOSDAQ"])
def test_each_column_stands_where_the_notes_say(segment: str) -> None:
    one = replace(
        listing(SHARE, "한빛소재우", segment, spac=True, overheated=2, liquidation=True),
        halted=True, warning="03", prev_volume=123_456, preferred=1, base_price=Decimal(12_340),
    )  # fmt: skip
    (line,) = lines(segment, (one,))
    assert (line[:9], line[9:21]) == ("900010   ", "KR7900010003")
    assert line[21 : -WIDTH[segment]] == "한빛소재우"
    assert read(line, segment) == [
        "ST", "Y", "2", "000012340", "Y", "Y", "N", "03", "000000123456", "20110520",
        "000000000020000", "1", "000002468",
    ]  # fmt: skip


def test_the_caution_flag_is_kosdaqs_alone() -> None:
    one = listing(SHARE, "누비라", "KOSDAQ", caution=True)
    assert lines("KOSDAQ", (one,))[0][-221:][30] == "Y"
    assert "Y" not in lines("KOSPI", (replace(one, segment="KOSPI"),))[0][-227:][23:41]


def test_every_listing_of_the_invented_market_is_in_its_file_once() -> None:
    found = [line for segment in WIDTH for line in lines(segment, DEFAULT_KRX)]
    assert sorted(line[:9].strip() for line in found) == sorted(e.symbol for e in DEFAULT_KRX)
    assert all(line[-221:].isascii() for line in found)


def test_a_sound_filter_of_the_columns_keeps_exactly_the_ordinary_shares() -> None:
    kept = set()
    for segment in WIDTH:
        for line in lines(segment, DEFAULT_KRX):
            group, spac, hot, _, halted, sold_off, managed, warning, _, _, _, preferred, _ = read(
                line, segment
            )
            flags = (spac, halted, sold_off, managed, warning, preferred, hot)
            caution = segment == "KOSDAQ" and line[-221:][30] == "Y"
            if group == "ST" and flags == ("N", "N", "N", "N", "00", "0", "0") and not caution:
                kept.add(line[:9].strip())
    assert kept == {entry.symbol for entry in DEFAULT_KRX if entry.is_ordinary}


def test_a_halt_during_the_day_does_not_change_the_mornings_file() -> None:
    desk = KrxDesk()
    before = zipped("KOSPI", desk.world.krx.market.listings())
    desk.world.krx.market.halt(SHARE, desk.world.clock.now())
    assert zipped("KOSPI", desk.world.krx.market.listings()) == before


async def test_the_files_are_served_without_a_key() -> None:
    running = await serve(KrxDesk().world)
    try:
        async with aiohttp.ClientSession() as client:
            async with client.get(f"{running.url}/master/kosdaq_code.mst.zip") as reply:
                assert reply.status == 200
                with zipfile.ZipFile(io.BytesIO(await reply.read())) as archive:
                    text = archive.read("kosdaq_code.mst").decode("cp949")
            async with client.get(f"{running.url}/master/konex_code.mst.zip") as reply:
                assert reply.status == 404
    finally:
        await running.close()
    assert "두리전자" in text
    assert len(text.splitlines()) == sum(entry.segment == "KOSDAQ" for entry in LISTINGS)
