from __future__ import annotations

import pytest

from sandbox.frames import CipherPair
from sandbox.ws_session import SocketSession
from tests.sandbox.test_ws_frames import decrypted
from tests.sandbox.ws_stage import Desk, fields_of, notice, request_text, trade


class Watched:
    """A session with trades and notices registered, whose notices are read by order number."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.session: SocketSession = self.desk.open()
        hts_id = self.desk.customer.hts_id
        self.pair = CipherPair(**self.desk.ask(self.session, "H0GSCNI0", hts_id)["body"]["output"])
        self.desk.ask(self.session, "HDFSCNT0", "DNASGOOGL")

    def tell(self, order_no: str) -> list[str]:
        return self.numbers(self.desk.send_notice(self.session, notice(order_no=order_no)))

    def wait(self, seconds: float) -> list[str]:
        return self.numbers(self.desk.wait(self.session, seconds))

    def numbers(self, frames: list[str]) -> list[str]:
        sealed = [frame for frame in frames if frame.startswith("1|")]
        return [decrypted(each.split("|", 3)[3], self.pair).split("^")[2] for each in sealed]


def test_a_duplicated_notice_comes_twice_and_the_next_one_once() -> None:
    watched = Watched()
    watched.desk.script("duplicate", "H0GSCNI0")
    assert watched.tell("1") == ["1", "1"]
    assert watched.tell("2") == ["2"]


def test_a_lost_notice_never_comes() -> None:
    watched = Watched()
    watched.desk.script("lost", times=2)
    assert [*watched.tell("1"), *watched.tell("2"), *watched.wait(90)] == []
    assert watched.tell("3") == ["3"]


def test_a_late_notice_comes_after_its_time_and_is_overtaken() -> None:
    watched = Watched()
    watched.desk.script("late", value="30")
    assert watched.tell("1") == []
    assert watched.tell("2") == ["2"]
    assert watched.wait(29) == []
    assert watched.wait(2) == ["1"]


def test_reordered_notices_swap_places() -> None:
    watched = Watched()
    watched.desk.script("reorder")
    assert watched.tell("1") == []
    assert watched.tell("2") == ["2", "1"]
    assert watched.tell("3") == ["3"]


def test_a_reordered_notice_without_a_successor_comes_alone() -> None:
    watched = Watched()
    watched.desk.script("reorder")
    assert watched.tell("1") == []
    assert watched.wait(9) == []
    assert watched.wait(2) == ["1"]


def test_every_second_notice_swaps_while_reorder_is_not_removed() -> None:
    watched = Watched()
    watched.desk.script("reorder", times=0)
    assert [watched.tell(number) for number in "1234"] == [[], ["2", "1"], [], ["4", "3"]]


def test_a_forged_plain_notice_comes_while_idle() -> None:
    watched = Watched()
    watched.desk.script("plain_notice", "H0GSCNI0", value="SPY")
    [frame] = watched.desk.wait(watched.session, 1)
    assert frame.startswith("0|H0GSCNI0|001|")
    fields = fields_of(frame)
    assert (len(fields), fields[4], fields[7], fields[12]) == (25, "02", "SPY", "2")
    assert watched.desk.wait(watched.session, 5) == []


def test_the_width_changes_in_mid_session_and_stays_changed() -> None:
    watched = Watched()
    desk, session = watched.desk, watched.session
    assert len(fields_of(desk.send_trades(session, trade())[0])) == 26
    desk.script("layout", "HDFSCNT0")
    assert len(fields_of(desk.send_trades(session, trade(), trade())[0])) == 54
    desk.script("layout", "HDFSCNT0", value="25")
    assert fields_of(desk.send_trades(session, trade())[0])[0] == "GOOGL"
    assert fields_of(desk.send_trades(session, trade())[0])[0] == "GOOGL"


def test_a_burst_holds_quotes_back_and_loses_none() -> None:
    watched = Watched()
    desk, session = watched.desk, watched.session
    desk.script("burst", "HDFSCNT0", value="5")
    for size in range(1, 25):
        assert desk.send_trades(session, trade(size=size)) == []
    sent = desk.wait(session, 6)
    assert [frame.split("|")[2] for frame in sent] == ["020", "004"]
    sizes = [size for frame in sent for size in fields_of(frame)[19::26]]
    assert sizes == [str(size) for size in range(1, 25)]
    assert len(desk.send_trades(session, trade())) == 1


def test_a_drop_strikes_an_idle_session_within_a_second() -> None:
    watched = Watched()
    watched.desk.script("drop", "real")
    watched.desk.wait(watched.session, 1)
    assert watched.session.is_dropped


def test_a_drop_aimed_at_a_tr_waits_for_its_frame() -> None:
    watched = Watched()
    watched.desk.script("drop", "HDFSCNT0")
    watched.desk.wait(watched.session, 30)
    assert not watched.session.is_dropped
    assert watched.desk.send_trades(watched.session, trade()) == []
    assert watched.session.is_dropped


def test_a_drop_of_the_paper_server_leaves_the_real_one_alone() -> None:
    watched = Watched()
    watched.desk.script("drop", "paper")
    watched.desk.wait(watched.session, 10)
    assert not watched.session.is_dropped


def test_a_session_that_was_turned_away_takes_no_trouble() -> None:
    watched = Watched()
    turned_away = watched.desk.open()
    assert watched.desk.code(turned_away, "HDFSCNT0", "DAMSSPY") == "OPSP8996"
    watched.desk.script("drop")
    watched.desk.wait(turned_away, 5)
    assert not turned_away.is_dropped
    assert len(watched.desk.faults.waiting()) == 1


def test_a_silent_session_sends_no_data_no_answer_and_no_pingpong_for_its_time() -> None:
    watched = Watched()
    desk, session = watched.desk, watched.session
    desk.script("silent", value="300")
    assert desk.wait(session, 1) == []
    assert session.is_silent(desk.now)
    assert desk.send_trades(session, trade()) == []
    assert watched.tell("1") == []
    assert session.receive("{}", desk.now) == []
    assert desk.wait(session, 299) == []
    assert not session.is_dropped
    [ping] = desk.wait(session, 3)
    assert "PINGPONG" in ping
    assert watched.tell("2") == ["2"]


def test_silence_without_end_lasts_until_it_is_removed() -> None:
    watched = Watched()
    desk, session = watched.desk, watched.session
    desk.script("silent", times=0)
    assert desk.wait(session, 1000) == []
    assert desk.send_trades(session, trade()) == []
    desk.faults.clear()
    assert len(desk.wait(session, 4)) == 1
    assert len(desk.send_trades(session, trade())) == 1


def test_silence_without_a_value_lasts_as_long_as_the_connection() -> None:
    watched = Watched()
    watched.desk.script("silent")
    assert watched.desk.wait(watched.session, 86_400) == []
    assert watched.session.is_silent(watched.desk.now)
    assert not watched.session.is_dropped


@pytest.mark.parametrize(("value", "code"), [("unheard", "OPSP0000"), ("", "OPSP0002")])
def test_an_answer_may_never_come_whether_the_request_was_heard_or_not(
    value: str, code: str
) -> None:
    desk = Desk()
    session = desk.open()
    desk.script("unanswered", "HDFSCNT0", value=value)
    assert session.receive(request_text("HDFSCNT0", "DNASF", desk.approval_key), desk.now) == []
    assert desk.code(session, "HDFSCNT0", "DNASF") == code
