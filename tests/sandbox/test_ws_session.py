from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sandbox.frames import CipherPair
from sandbox.model import NoticeKind, Server
from sandbox.ws_settings import OLDEST, SocketSettings
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import Desk, fields_of, notice, trade


def test_trades_arrive_only_for_a_registered_key() -> None:
    desk = Desk()
    session = desk.open()
    assert desk.send_trades(session, trade()) == []
    assert desk.code(session, "HDFSCNT0", "DNASGOOGL") == "OPSP0000"
    [frame] = desk.send_trades(session, trade(), trade("SPY", "752.16"))
    assert frame.startswith("0|HDFSCNT0|001|DNASGOOGL^GOOGL^4^")
    assert desk.code(session, "HDFSCNT0", "DNASGOOGL", "2") == "OPSP0001"
    assert desk.send_trades(session, trade()) == []


def test_trades_of_one_instant_share_a_frame_over_all_keys() -> None:
    desk = Desk()
    session = desk.open()
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    desk.ask(session, "HDFSCNT0", "DAMSSPY")
    many = [trade(size=size) for size in range(1, 23)]
    first, second = desk.send_trades(session, *many, trade("SPY", "752.16"))
    assert (first[:16], second[:16]) == ("0|HDFSCNT0|020|D", "0|HDFSCNT0|003|D")
    sizes = [*fields_of(first)[19::26], *fields_of(second)[19::26]]
    assert sizes == [*[str(size) for size in range(1, 23)], "201"]
    assert fields_of(second)[52:54] == ["DAMSSPY", "SPY"]


def test_the_book_comes_once_per_symbol_and_instant() -> None:
    desk = Desk()
    session = desk.open()
    desk.ask(session, "HDFSASP0", "DNASGOOGL")
    [frame] = desk.send_trades(session, trade(bid_size=5), trade(bid_size=7))
    assert frame.startswith("0|HDFSASP0|001|")
    assert fields_of(frame)[13] == "7"


@pytest.mark.parametrize("key", ["DNYSGOOGL", "RBAQGOOGL", "RNASGOOGL", "DNASNOSUCH"])
def test_a_well_formed_wrong_key_is_acknowledged_and_silent(key: str) -> None:
    desk = Desk()
    session = desk.open()
    assert desk.code(session, "HDFSCNT0", key) == "OPSP0000"
    assert desk.send_trades(session, trade()) == []


@pytest.mark.parametrize("tr_id", ["HDFSCNT0", "HDFSASP0", "H0GSCNI0", "H0UNCNT0", "H0STMKO0"])
def test_paper_refuses_what_only_real_serves(tr_id: str) -> None:
    desk = Desk(Server.PAPER)
    assert desk.code(desk.open(), tr_id, "DNASGOOGL") == "OPSP8991"


def test_real_refuses_the_paper_notices() -> None:
    desk = Desk()
    assert desk.code(desk.open(), "H0GSCNI9", desk.customer.hts_id) == "OPSP8991"


def test_the_hts_id_is_case_sensitive() -> None:
    desk = Desk()
    session = desk.open()
    wrong = desk.ask(session, "H0GSCNI0", desk.customer.hts_id.upper())
    assert wrong["body"] == {
        "rt_cd": "9",
        "msg_cd": "OPSP0017",
        "msg1": "ERROR : htsid가잘못되었습니다",
    }
    assert desk.code(session, "H0GSCNI0", desk.customer.hts_id) == "OPSP0000"


def test_the_42nd_registration_over_all_trs_is_too_many() -> None:
    desk = Desk()
    session = desk.open()
    assert desk.code(session, "H0GSCNI0", desk.customer.hts_id) == "OPSP0000"
    for number in range(20):
        assert desk.code(session, "HDFSCNT0", f"DNASAA{number}") == "OPSP0000"
        assert desk.code(session, "H0STCNT0", f"0059{number:02d}") == "OPSP0000"
    full = desk.ask(session, "HDFSASP0", "DNASAA1")
    assert (full["body"]["msg_cd"], full["body"]["rt_cd"]) == ("OPSP0008", "1")
    assert desk.code(session, "HDFSCNT0", "DNASAA1") == "OPSP0002"
    assert desk.code(session, "H0STCNT0", "005900", "2") == "OPSP0001"
    assert desk.code(session, "HDFSASP0", "DNASAA1") == "OPSP0000"


def test_a_repetition_carries_no_pair_and_an_unknown_release_is_not_found() -> None:
    desk = Desk()
    session = desk.open()
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    again = desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    assert again["body"]["msg_cd"] == "OPSP0002"
    assert "output" not in again["body"]
    assert desk.code(session, "HDFSASP0", "DNASGOOGL", "2") == "OPSP0003"


def test_each_registration_and_each_connection_has_its_own_pair() -> None:
    desk = Desk()
    first = desk.open()
    pairs = [
        desk.ask(first, "HDFSCNT0", "DNASGOOGL")["body"]["output"]["key"],
        desk.ask(first, "H0GSCNI0", desk.customer.hts_id)["body"]["output"]["key"],
    ]
    desk.slot.leave(first, desk.now, is_clean=True)
    answer = desk.ask(desk.open(), "H0GSCNI0", desk.customer.hts_id)
    assert len({*pairs, answer["body"]["output"]["key"]}) == 3


def test_a_notice_opens_with_the_pair_of_its_acknowledgement() -> None:
    desk = Desk()
    session = desk.open()
    assert desk.send_notice(session, notice()) == []
    output = desk.ask(session, "H0GSCNI0", desk.customer.hts_id)["body"]["output"]
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    [frame] = desk.send_notice(session, notice())
    assert frame.startswith("1|H0GSCNI0|001|")
    fields = decrypted(frame.split("|", 3)[3], CipherPair(**output)).split("^")
    assert len(fields) == 25
    assert fields[2:4] == ["0000037501", ""]
    assert "홍모래" not in frame


def test_paper_notices_are_silent_unless_switched_on() -> None:
    told = notice(server=Server.PAPER)
    silent = Desk(Server.PAPER)
    session = silent.open()
    assert silent.code(session, "H0GSCNI9", silent.customer.hts_id) == "OPSP0000"
    assert silent.send_notice(session, told) == []
    speaking = Desk(Server.PAPER, SocketSettings(paper_notices=True))
    session = speaking.open()
    speaking.ask(session, "H0GSCNI9", speaking.customer.hts_id)
    [frame] = speaking.send_notice(session, told)
    assert frame.startswith("1|H0GSCNI9|001|")


def test_older_columns_can_be_switched_on() -> None:
    desk = Desk(settings=SocketSettings(widths=OLDEST, trailing_caret=True))
    session = desk.open()
    output = desk.ask(session, "H0GSCNI0", desk.customer.hts_id)["body"]["output"]
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    [sealed] = desk.send_notice(session, notice(NoticeKind.RECEIVED))
    opened = decrypted(sealed.split("|", 3)[3], CipherPair(**output)).split("^")
    assert (len(opened), opened[-1]) == (22, "")
    [frame] = desk.send_trades(session, trade())
    assert fields_of(frame)[0] == "GOOGL"
    assert len(fields_of(frame)) == 26  # 25 and the trailing separator's empty one


def test_a_second_session_of_the_app_key_is_refused_until_the_first_closes() -> None:
    desk = Desk()
    first, second = desk.open(), desk.open()
    assert desk.code(first, "HDFSCNT0", "DNASGOOGL") == "OPSP0000"
    refused = desk.ask(second, "HDFSCNT0", "DAMSSPY")
    assert refused["header"]["tr_id"] == "(null)"
    assert (refused["body"]["msg_cd"], refused["body"]["rt_cd"]) == ("OPSP8996", "9")
    assert desk.code(first, "HDFSCNT0", "DAMSSPY") == "OPSP0000"
    desk.slot.leave(first, desk.now, is_clean=True)
    assert desk.code(second, "HDFSCNT0", "DAMSSPY") == "OPSP0000"


def test_a_hard_drop_holds_the_slot_for_a_minute_of_market_time() -> None:
    desk = Desk()
    first = desk.open()
    desk.ask(first, "HDFSCNT0", "DNASGOOGL")
    desk.slot.leave(first, desk.now, is_clean=False)
    second = desk.open()
    desk.now += timedelta(seconds=59)
    assert desk.code(second, "HDFSCNT0", "DNASGOOGL") == "OPSP8996"
    desk.now += timedelta(seconds=1)
    assert desk.code(second, "HDFSCNT0", "DNASGOOGL") == "OPSP0000"


def test_a_refused_session_leaving_does_not_free_the_slot_of_the_other() -> None:
    desk = Desk()
    first, second = desk.open(), desk.open()
    desk.ask(first, "HDFSCNT0", "DNASGOOGL")
    desk.ask(second, "HDFSCNT0", "DNASGOOGL")
    desk.slot.leave(second, desk.now, is_clean=True)
    assert desk.code(desk.open(), "HDFSCNT0", "DNASGOOGL") == "OPSP8996"


def test_an_open_session_outlives_its_approval_key_but_a_new_one_needs_a_new_key() -> None:
    desk = Desk()
    session = desk.open()
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    desk.now += timedelta(hours=25)
    assert desk.code(session, "HDFSCNT0", "DAMSSPY") == "OPSP0000"
    desk.slot.leave(session, desk.now, is_clean=True)
    assert desk.code(desk.open(), "HDFSCNT0", "DNASGOOGL") == "OPSP0011"


def test_pingpong_comes_every_hundred_seconds_and_an_echo_keeps_the_line() -> None:
    desk = Desk()
    session = desk.open()
    for _ in range(5):
        assert desk.wait(session, 99.9) == []
        [ping] = desk.wait(session, 0.1)
        assert json.loads(ping)["header"]["tr_id"] == "PINGPONG"
        assert session.receive(json.dumps(json.loads(ping)), desk.now) == []
    assert not session.is_dropped


def test_a_pong_control_frame_with_the_text_keeps_the_line_too() -> None:
    desk = Desk()
    session = desk.open()
    for _ in range(4):
        [ping] = desk.wait(session, 100)
        session.pong(ping)
    assert not session.is_dropped


@pytest.mark.parametrize("echo", ['{"header":{"tr_id":"PINGPONG","datetime":"1"}}', ""])
def test_two_unanswered_pingpongs_drop_the_line(echo: str) -> None:
    desk = Desk()
    session = desk.open()
    for _ in range(2):
        assert len(desk.wait(session, 100)) == 1
        session.pong(echo)
    assert not session.is_dropped
    assert desk.wait(session, 99) == []
    assert not session.is_dropped
    desk.wait(session, 1)
    assert session.is_dropped


def test_a_clock_jump_costs_one_pingpong_and_not_the_line() -> None:
    desk = Desk()
    session = desk.open()
    desk.now += timedelta(hours=3)
    assert len(session.tick(desk.now)) == 1
    assert session.tick(desk.now) == []
    assert not session.is_dropped


def test_the_verdicts_are_kept_without_the_approval_key() -> None:
    desk = Desk()
    session = desk.open()
    desk.ask(session, "HDFSCNT0", "DNASGOOGL")
    session.receive("{", desk.now)
    assert [(each.tr_id, each.msg_cd) for each in desk.service.verdicts] == [
        ("HDFSCNT0", "OPSP0000"),
        ("", "OPSP9999"),
    ]
    assert desk.approval_key not in repr(desk.service.verdicts)
