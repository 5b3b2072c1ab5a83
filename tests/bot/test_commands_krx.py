"""Commands with two desks behind them, and those that only the KRX desk has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bot.format.command_list import COMMANDS
from engine.model.commands import CancelOpenOrder, Pause, ReleaseGuard, Resume, SellNow
from engine.model.ids import (
    BrokerOrderNo,
    ClientOrderId,
    DeskName,
    DeskState,
    Mode,
    Qty,
    Symbol,
)
from engine.model.views import LotState
from engine.ports.control import StopKind
from tests.bot.krx_samples import (
    HYNIX,
    SAMSUNG,
    both_desks,
    krx_latched,
    krx_order_view,
    krx_position,
    krx_view,
    scan_view,
)
from tests.bot.samples import AAPL, position, us_view
from tests.bot.stage import OWNER, Stage, press, reply_to, staged

KRX, US = DeskName.KRX, DeskName.US
RUNNING, EXITS_ONLY = DeskState.RUNNING, DeskState.EXITS_ONLY


@asynccontextmanager
async def both() -> AsyncIterator[Stage]:
    async with staged() as stage:
        both_desks(stage.control)
        yield stage


def labels(stage: Stage) -> list[str]:
    return list(stage.told[-1].buttons())


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
async def test_every_command_is_answered_with_both_desks(name: str) -> None:
    async with both() as stage:
        text = await reply_to(stage, f"/{name}")
        assert text.startswith("<b>[국내 모의투자 · 미국 모의실행]</b> ")
        paused = [(Pause(), OWNER, KRX), (Pause(), OWNER)]
        assert stage.control.asked == (paused if name == "pause" else [])


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/status", ("<b>국내</b> 모의투자", "<b>미국</b> 모의실행", "호출(국내)", "호출(미국)")),
        ("/positions", ("삼성전자", "애플")),
        ("/balance", ("8,450,000원", "$1,234.50")),
        ("/orders", ("71,200원", "$206.55")),
        ("/trades", ("추적손절", "봇 매도")),
        ("/stats", ("📊 <b>국내</b>", "📊 <b>미국</b>")),
        ("/quota", ("전체 훑기", "4,500회")),
        ("/mode", ("국내 모의투자 · 미국 모의실행",)),
    ],
)
async def test_each_view_speaks_of_both_desks(command: str, words: tuple[str, ...]) -> None:
    async with both() as stage:
        text = await reply_to(stage, command)
        for word in words:
            assert word in text


async def test_asking_kis_reads_both_accounts() -> None:
    async with both() as stage:
        await reply_to(stage, "/balance")
        await press(stage, "KIS 조회")
        assert stage.control.asked == [("refresh", KRX), ("refresh",)]


@pytest.mark.parametrize(("typed", "desk"), [("krx", (KRX,)), ("US", ())])
async def test_pause_of_one_desk_leaves_the_other_alone(
    typed: str, desk: tuple[DeskName, ...]
) -> None:
    async with both() as stage:
        await reply_to(stage, f"/pause {typed}")
        assert stage.control.asked == [(Pause(), OWNER, *desk)]


async def test_a_desk_that_is_off_is_said() -> None:
    async with staged() as stage:
        for text in ("/resume krx", "/pause krx", "/scan", "/why", "/why 005930", "/lock 005930"):
            assert "국내 데스크가 꺼져" in await reply_to(stage, text)
        assert stage.control.asked == []


@pytest.mark.parametrize(
    ("label", "released"),
    [
        ("국내", [(Resume(), OWNER, KRX)]),
        ("미국", [(Resume(), OWNER)]),
        ("둘 다", [(Resume(), OWNER, KRX), (Resume(), OWNER)]),
    ],
)
async def test_resume_of_two_stopped_desks_asks_which(
    label: str, released: list[tuple[object, ...]]
) -> None:
    async with both() as stage:
        us = replace(us_view(), state=EXITS_ONLY, user_latch=EXITS_ONLY)
        krx = krx_latched(EXITS_ONLY, RUNNING)
        stage.control.view = replace(stage.control.view, us=us, krx=krx)
        await reply_to(stage, "/resume")
        assert labels(stage) == ["국내", "미국", "둘 다", "취소"]
        await press(stage, label)
        assert stage.control.asked == released


async def test_resume_asks_only_for_the_desk_that_is_stopped() -> None:
    async with both() as stage:
        krx = krx_latched(EXITS_ONLY, EXITS_ONLY)
        stage.control.view = replace(stage.control.view, krx=krx)
        text = await reply_to(stage, "/resume")
        assert labels(stage) == ["확인", "취소", "국내 가드 해제"]
        assert "하루 손실 한도" in text
        await press(stage, "확인")
        assert stage.control.asked == [(Resume(), OWNER, KRX)]


async def test_a_guard_is_released_on_its_own_desk() -> None:
    async with both() as stage:
        krx = krx_latched(RUNNING, EXITS_ONLY)
        stage.control.view = replace(stage.control.view, krx=krx)
        await reply_to(stage, "/resume")
        await press(stage, "국내 가드 해제")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [(ReleaseGuard(), OWNER, KRX)]


async def test_a_mode_without_a_desk_asks_which_and_then_once_more() -> None:
    async with both() as stage:
        await reply_to(stage, "/mode live")
        assert labels(stage) == ["국내", "미국", "취소"]
        await press(stage, "국내")
        assert stage.control.asked == []
        await press(stage, "확인")
        assert stage.control.asked == [("mode", KRX, Mode.LIVE, OWNER)]


async def test_the_menu_of_modes_offers_each_desk_its_others() -> None:
    async with both() as stage:
        await reply_to(stage, "/mode")
        assert labels(stage) == [
            *("국내 모의실행", "국내 실전", "미국 모의투자", "미국 실전"),
            "취소",
        ]


async def test_a_button_of_another_mode_of_one_desk_does_nothing() -> None:
    async with both() as stage:
        await reply_to(stage, "/sell 삼성전자")
        stage.control.view = replace(stage.control.view, modes={KRX: Mode.LIVE, US: Mode.DRY_RUN})
        shown = stage.told[-1]
        calls = await stage.press(shown.buttons()["확인"], stage.last_id())
        assert stage.control.asked == []
        assert "모의투자" in calls[0].text
        assert "실전" in calls[0].text


@pytest.mark.parametrize("typed", ["삼성전자 10", "005930 10", "005930 36%"])
async def test_a_korean_stock_is_sold_by_its_own_desk(typed: str) -> None:
    async with both() as stage:
        assert "72,300원" in await reply_to(stage, f"/sell {typed}")
        assert "삼성전자 005930" in await press(stage, "확인")
        assert stage.control.asked == [(SellNow(SAMSUNG, Qty(10)), OWNER, KRX)]


async def test_names_that_fit_two_stocks_are_offered_by_name_and_code() -> None:
    async with both() as stage:
        await reply_to(stage, "/sell 전자")
        assert labels(stage) == ["삼성전자 005930", "SK하이닉스 000660", "취소"]


async def test_sellall_gives_every_stock_to_its_own_desk() -> None:
    async with both() as stage:
        await reply_to(stage, "/sellall")
        await press(stage, "확인")
        assert stage.control.asked == [
            (SellNow(SAMSUNG, None), OWNER, KRX),
            (SellNow(HYNIX, None), OWNER, KRX),
            (SellNow(AAPL, None), OWNER),
        ]


async def test_an_order_is_cancelled_by_the_desk_that_has_it() -> None:
    async with both() as stage:
        await reply_to(stage, "/cancel 0017011")
        cancelled = CancelOpenOrder(ClientOrderId("krx-20260706-3"))
        assert stage.control.asked == [(cancelled, OWNER, KRX)]


async def test_a_number_that_both_brokers_gave_is_asked_about() -> None:
    async with both() as stage:
        same = replace(krx_order_view(), broker_order_no=BrokerOrderNo("30112345"))
        krx = replace(krx_view(), orders=(same,))
        stage.control.view = replace(stage.control.view, krx=krx)
        await reply_to(stage, "/cancel 30112345")
        assert stage.control.asked == []
        assert labels(stage) == ["삼성전자 005930 30112345", "AAPL 30112345", "취소"]


async def test_stop_names_what_both_desks_hold_and_stops_both() -> None:
    async with both() as stage:
        text = await reply_to(stage, "/stop")
        assert "삼성전자" in text
        assert "애플" in text
        await press(stage, "엔진")
        assert stage.control.asked == [("stop", StopKind.ENGINES, OWNER)]


async def test_scan_shows_the_funnel_and_the_best() -> None:
    async with both() as stage:
        text = await reply_to(stage, "스캔")
        assert "실시간 감시    36" in text
        assert "▓▓▓▓▓▓▓░░░ 78.5 · 막힘: 호가 차이가 큼" in text


@pytest.mark.parametrize("typed", ["삼성전자", "005930"])
async def test_why_shows_points_raw_values_and_what_is_not_available(typed: str) -> None:
    async with both() as stage:
        text = await reply_to(stage, f"/why {typed}")
        for word in ("78.5점", "추세 11.1/16.7", "단기 평균 70,100원", "강도 n/a", "5틱 / 3틱"):
            assert word in text


async def test_why_of_an_ambiguous_name_offers_buttons() -> None:
    async with both() as stage:
        await reply_to(stage, "/why 전자")
        assert "78.5점" in await press(stage, "삼성전자 005930")


async def test_why_of_what_was_never_looked_at_says_so() -> None:
    async with both() as stage:
        assert "아직 살펴본 적이 없습니다" in await reply_to(stage, "/why 하이닉스")


async def test_an_unknown_stock_is_answered_with_some_that_are_looked_at() -> None:
    async with both() as stage:
        for command in ("/why 없는종목", "/lock 없는종목"):
            text = await reply_to(stage, command)
            assert "모르는 국내 종목" in text
            assert "지금 살피는 종목: <b>삼성전자</b> 005930" in text


async def test_the_best_candidates_come_before_the_quiet_ones() -> None:
    async with both() as stage:
        quiet = ((Symbol("810010"), "한울전자부품"), (Symbol("810020"), "두메산업"))
        stage.control.scan_view = replace(scan_view(), quiet=quiet)
        text = await reply_to(stage, "/why 없는종목")
        named = [f"<b>삼성전자</b> {SAMSUNG}", f"<b>SK하이닉스</b> {HYNIX}", "<b>한울전자부품</b>"]
        assert f"지금 살피는 종목: {', '.join(named)}" in text
        assert f"<code>{SAMSUNG}</code>" in text


async def test_before_anything_moves_an_unknown_stock_is_answered_with_quiet_ones() -> None:
    async with both() as stage:
        view = replace(scan_view(), top=(), quiet=((Symbol("810010"), "한울전자부품"),))
        stage.control.scan_view = view
        text = await reply_to(stage, "/why 삼성")
        assert "<code>810010</code>" in text
        assert "지금 살피는 종목: <b>한울전자부품</b> 810010" in text


async def test_why_alone_tells_the_last_gate_of_each_name() -> None:
    async with both() as stage:
        assert "78.5점 · 막힘: 호가 차이가 큼" in await reply_to(stage, "/why")


@pytest.mark.parametrize("typed", ["/why", "/why 삼성전자"])
async def test_why_names_the_traders_own_stop(typed: str) -> None:
    async with both() as stage:
        assert "직접 멈춤" not in await reply_to(stage, typed)
        krx = krx_latched(EXITS_ONLY, RUNNING)
        stage.control.view = replace(stage.control.view, krx=krx)
        assert "직접 멈춤: 청산만" in await reply_to(stage, typed)


async def test_a_lock_acts_at_once_and_lifting_it_asks() -> None:
    async with both() as stage:
        assert "진입 금지" in await reply_to(stage, "/lock 삼성전자")
        assert "이미" in await reply_to(stage, "/lock 005930")
        assert "삼성전자" in await reply_to(stage, "/locks")
        await press(stage, "🔓 삼성전자")
        assert len(stage.control.asked) == 2
        await press(stage, "확인")
        assert stage.control.asked[2:] == [("unlock", SAMSUNG, OWNER)]
        assert stage.control.locked == {}
        assert "금지되어 있지" in await reply_to(stage, "/unlock 005930")


async def test_lock_without_a_stock_is_answered_with_an_example() -> None:
    async with both() as stage:
        for text in ("/lock", "/unlock"):
            assert "예:" in await reply_to(stage, text)


async def test_without_a_us_desk_the_korean_one_is_meant() -> None:
    async with both() as stage:
        stage.control.view = replace(
            stage.control.view,
            us=None,
            modes={KRX: Mode.PAPER},
            krx=krx_latched(EXITS_ONLY, RUNNING),
        )
        await reply_to(stage, "/resume")
        await press(stage, "확인")
        await reply_to(stage, "/mode live")
        await press(stage, "확인")
        assert stage.control.asked == [
            (Resume(), OWNER, KRX),
            ("mode", KRX, Mode.LIVE, OWNER),
        ]


async def test_excluded_us_shares_stay_out_of_a_sale_of_everything() -> None:
    async with both() as stage:
        us = replace(us_view(), positions=(replace(position(), state=LotState.EXCLUDED),))
        krx = replace(krx_view(), positions=(krx_position(),))
        stage.control.view = replace(stage.control.view, us=us, krx=krx)
        assert "1개 종목은 팔지 않습니다" in await reply_to(stage, "/sellall")
