"""What a session does with frames and answers that come at the wrong moment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from engine.adapters.kis.crypt import NoticeKey, parse_notice_key
from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.frames import Answer, SealedFrame, parse_frame
from engine.adapters.kis.inlet import Inlet, Outlets
from engine.adapters.kis.registrations import (
    RETRY_AFTER,
    Registrations,
    Step,
    Verdict,
    judge,
)
from engine.adapters.kis.wishes import Allotment, Registration, Wish, allot
from engine.errors import PayloadError
from engine.model.events import NoticeSeen, TickSeen
from engine.model.ids import DeskName, Symbol
from engine.model.instrument import Exchange, Instrument
from engine.ports.feed import FeedEvent
from sandbox.frames import CipherPair, encrypt
from tests.adapters.test_kis_frames import ACCOUNT, LIVE, notice

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
KEYS = KisKeys("app-key", "app-secret", ACCOUNT, "my-hts-id")
REAL = KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", KEYS)
AAPL = Instrument(Symbol("AAPL"), Exchange.NASD)
US = DeskName.US
NOTICES = Registration("H0GSCNI0", "my-hts-id", None, US)
TRADES = Registration("HDFSCNT0", "DNASAAPL", Symbol("AAPL"), US)
WISH = Allotment((NOTICES, TRADES))


def nothing(event: object) -> None:
    raise AssertionError(event)


class Bench:
    def __init__(self) -> None:
        self.events: list[FeedEvent] = []
        self.doubts: list[str] = []
        outlets = Outlets(us=self.events.append, krx=nothing)
        self.inlet = Inlet(REAL, Registrations(WISH), outlets, self._doubt)
        self.pair = CipherPair.fresh()

    def _doubt(self, desk: DeskName, reason: str) -> None:
        assert desk is US
        self.doubts.append(reason)

    def take_plain(self, tr_id: str, count: int, payload: str) -> None:
        try:
            frame = parse_frame(f"0|{tr_id}|{count:03d}|{payload}")
        except PayloadError as error:
            self.inlet.spoil(error)
            return
        assert isinstance(frame, tuple)
        self.inlet.take(frame, NOW)

    def sealed(self, text: str, count: int = 1) -> SealedFrame:
        return SealedFrame("H0GSCNI0", count, encrypt(text, self.pair))

    def key(self) -> NoticeKey:
        key = parse_notice_key(self.pair.key, self.pair.iv)
        assert key is not None
        return key


def test_a_notice_before_its_key_is_read_when_the_key_comes() -> None:
    bench = Bench()
    for _ in range(12):
        bench.inlet.take_sealed(bench.sealed("^".join(notice())), NOW)
    assert bench.events == []
    bench.inlet.take_key("H0GSCNI0", bench.key(), NOW)
    assert len(bench.events) == 8  # more are not kept: reconciliation finds the rest
    assert bench.inlet.has_key("H0GSCNI0")


def test_every_record_of_a_frame_counts_and_a_broken_one_spoils_no_other() -> None:
    bench = Bench()
    broken = LIVE.replace("259.0200^3", "0.0000^3")
    bench.take_plain("HDFSCNT0", 3, f"{LIVE}^{broken}^{LIVE}")
    assert [type(event) for event in bench.events] == [TickSeen, TickSeen]


def test_a_notice_of_another_account_is_dropped_in_silence() -> None:
    bench = Bench()
    bench.inlet.take_key("H0GSCNI0", bench.key(), NOW)
    records = "^".join(notice(ACNT_NO="9999999901") + notice())
    bench.inlet.take_sealed(bench.sealed(records, count=2), NOW)
    assert [type(event) for event in bench.events] == [NoticeSeen]
    assert bench.doubts == []


def test_what_cannot_be_trusted_is_reported() -> None:
    bench = Bench()
    bench.take_plain("H0GSCNI0", 1, "^".join(notice()))
    bench.inlet.take_key("H0GSCNI0", bench.key(), NOW)
    bench.inlet.take_sealed(SealedFrame("H0GSCNI0", 1, "AAAA"), NOW)
    bench.inlet.take_sealed(bench.sealed("^".join(notice(RFUS_YN="Y"))), NOW)
    bench.inlet.take_sealed(bench.sealed("^".join(notice()[:20])), NOW)
    assert bench.doubts == ["plain notice refused", *["unreadable notice"] * 3]
    assert bench.events == []


def test_frames_nobody_asked_for_do_no_harm() -> None:
    bench = Bench()
    bench.take_plain("H0STCNT0", 1, "x")
    bench.take_plain("H0STASP0", 1, "x")
    bench.inlet.take_sealed(SealedFrame("HDFSCNT0", 1, "x"), NOW)
    bench.take_plain("HDFSCNT0", 7, "x")
    bench.take_plain("HDFSCNT0", 1, LIVE.replace("AAPL", "MSFT"))
    assert (bench.events, bench.doubts) == ([], [])


def answer(code: str, rt_cd: str = "1") -> Answer:
    return Answer("(null)", "", rt_cd, code, "", None, None)


def test_the_state_of_registrations_follows_the_answers() -> None:
    state = Registrations(WISH)
    assert state.next_step(NOW) == (Step.REGISTER, NOTICES)
    state.settle(Step.REGISTER, NOTICES, Verdict.DONE, "OPSP0000", NOW)
    assert state.next_step(NOW) == (Step.REGISTER, TRADES)
    state.settle(Step.REGISTER, TRADES, Verdict.LATER, "OPSP0007", NOW)
    assert state.next_step(NOW) is None
    assert (state.has_notices(US), state.has_quotes(US)) == (True, False)
    assert state.next_step(NOW + RETRY_AFTER) == (Step.REGISTER, TRADES)
    state.settle(Step.REGISTER, TRADES, Verdict.REFUSED, "OPSP0008", NOW)
    assert state.next_step(NOW + timedelta(days=1)) is None
    assert state.refused == {TRADES: "OPSP0008"}
    state.want(Allotment((TRADES,)))  # something is freed: what found no room may be tried again
    assert state.next_step(NOW) == (Step.RELEASE, NOTICES)
    state.settle(Step.RELEASE, NOTICES, Verdict.REFUSED, "OPSP0003", NOW)
    assert state.next_step(NOW) == (Step.REGISTER, TRADES)


def test_answers_are_judged_by_rt_cd_first() -> None:
    assert judge(answer("OPSP0007", rt_cd="0")) is Verdict.DONE
    assert judge(answer("OPSP0002")) is Verdict.DONE
    assert judge(answer("OPSP8999")) is Verdict.LATER
    assert judge(answer("OPSP8996", rt_cd="9")) is Verdict.IN_USE
    assert judge(answer("OPSP0011")) is Verdict.BAD_APPROVAL
    assert judge(answer("OPSP0017", rt_cd="9")) is Verdict.REFUSED
    assert judge(answer("")) is Verdict.REFUSED


def test_notices_come_first_and_nothing_twice() -> None:
    spy = Instrument(Symbol("SPY"), Exchange.AMEX)
    wish = allot({US: Wish((AAPL, spy, AAPL), notices=True)}, REAL).registrations
    assert [held.tr_key for held in wish] == ["my-hts-id", "DNASAAPL", "DAMSSPY"]
    assert "my-hts-id" not in repr(wish)


def test_without_an_hts_id_there_are_no_notices_to_ask_for() -> None:
    nameless = replace(REAL, keys=replace(KEYS, hts_id=""))
    assert allot({US: Wish(notices=True)}, nameless) == Allotment()
