"""Who gets the registrations when two desks want more than there are."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.registrations import RETRY_AFTER, Registrations, Step, Verdict
from engine.adapters.kis.wishes import (
    MAX_REGISTRATIONS,
    Allotment,
    Registration,
    Wish,
    allot,
)
from engine.model.ids import DeskName, Symbol
from engine.model.instrument import Exchange, Instrument
from tests.adapters.kis_stage import REGULAR

KEYS = KisKeys("app-key", "app-secret", "1234567801", "my-hts-id")
REAL = KisEndpoint(Server.REAL, "https://kis.test", "ws://kis.test", KEYS)
PAPER = replace(REAL, server=Server.PAPER)
US, KRX = DeskName.US, DeskName.KRX


def us(*symbols: str) -> tuple[Instrument, ...]:
    return tuple(Instrument(Symbol(symbol), Exchange.NASD) for symbol in symbols)


def krx(*symbols: str) -> tuple[Instrument, ...]:
    return tuple(Instrument(Symbol(symbol), Exchange.KRX) for symbol in symbols)


def shown(allotment: Allotment) -> list[str]:
    return [repr(registration) for registration in allotment.registrations]


def many(count: int, start: int = 100_000) -> tuple[Instrument, ...]:
    return krx(*(str(start + index) for index in range(count)))


BOTH = {
    US: Wish(us("AAPL", "MSFT"), notices=True),
    KRX: Wish(krx("005930", "000660", "035420"), notices=True, candidates=2),
}


def test_notices_then_what_is_held_then_halts_of_it_then_candidates() -> None:
    assert shown(allot(BOTH, REAL)) == [
        "H0STCNI0/***", "H0GSCNI0/***",
        "H0STCNT0/005930", "HDFSCNT0/AAPL", "HDFSCNT0/MSFT",
        "H0STMKO0/005930",
        "H0STCNT0/000660", "H0STCNT0/035420",
    ]  # fmt: skip


def test_paper_has_korean_prices_and_its_own_notices_only() -> None:
    assert shown(allot(BOTH, PAPER)) == [
        "H0STCNI9/***", "H0GSCNI9/***",
        "H0STCNT0/005930", "H0STCNT0/000660", "H0STCNT0/035420",
    ]  # fmt: skip


def test_candidates_give_way_to_the_other_desks_positions() -> None:
    wishes = {US: Wish(us(*(f"S{index}" for index in range(30)))), KRX: Wish(many(38), False, 38)}
    allotment = allot(wishes, REAL)
    desks = [one.desk for one in allotment.registrations]
    assert (desks.count(US), desks.count(KRX)) == (30, 10)
    assert allotment.short == frozenset()
    kept = [one.symbol for one in allotment.registrations if one.desk is KRX]
    assert kept == [instrument.symbol for instrument in many(10)]  # the best of them


def test_a_desk_without_a_price_for_what_it_holds_is_told() -> None:
    wishes = {US: Wish(us(*(f"S{index}" for index in range(30)))), KRX: Wish(many(20))}
    allotment = allot(wishes, REAL)
    assert allotment.short == {US}  # KRX first: it must be flat by the evening
    state = Registrations(allotment)
    for registration in allotment.registrations:
        state.settle(Step.REGISTER, registration, Verdict.DONE, "OPSP0000", REGULAR)
    assert (state.has_quotes(KRX), state.has_quotes(US)) == (True, False)


def test_a_candidate_that_is_bought_keeps_its_registration() -> None:
    (before,) = allot({KRX: Wish(krx("005930"), candidates=1)}, REAL).registrations
    bought, _ = allot({KRX: Wish(krx("005930"))}, REAL).registrations
    assert before == bought
    assert (before.may_lack, bought.may_lack) == (True, False)


def test_a_refused_candidate_does_not_make_the_desk_poll() -> None:
    allotment = allot(BOTH, REAL)
    state = Registrations(allotment)
    for registration in allotment.registrations:
        verdict = Verdict.REFUSED if registration.may_lack else Verdict.DONE
        state.settle(Step.REGISTER, registration, verdict, "OPSP8992", REGULAR)
    assert state.has_quotes(KRX)
    assert state.has_notices(KRX)
    held = next(one for one in allotment.registrations if one.symbol == "005930")
    state.settle(Step.RELEASE, held, Verdict.DONE, "OPSP0001", REGULAR)
    assert not state.has_quotes(KRX)


def test_a_refusal_is_kept_while_only_candidates_change() -> None:
    notices = allot(BOTH, REAL).registrations[1]
    state = Registrations(allot(BOTH, REAL))
    state.settle(Step.REGISTER, notices, Verdict.REFUSED, "OPSP0017", REGULAR)
    other = BOTH | {KRX: Wish(krx("005930", "051910"), notices=True, candidates=1)}
    state.want(allot(other, REAL))
    assert notices in state.refused  # asking without end gets the app key blocked


class Server41:
    """What KIS holds, and whether its answers to releases arrive."""

    def __init__(self, wish: Wish) -> None:
        self.state = Registrations(allot({KRX: wish}, REAL))
        self.held: set[Registration] = set()
        self.now = REGULAR
        self.is_mute = False
        self.play()

    def want(self, wish: Wish) -> None:
        self.state.want(allot({KRX: wish}, REAL))
        self.play()

    def play(self) -> None:
        while (asked := self.state.next_step(self.now)) is not None:
            step, registration = asked
            verdict, code = Verdict.DONE, "OPSP0000"
            if step is Step.RELEASE and self.is_mute:
                verdict, code = Verdict.LATER, "no answer"
            elif step is Step.RELEASE:
                self.held.discard(registration)
            elif len(self.held) >= 41:
                verdict, code = Verdict.REFUSED, "OPSP0008"
            else:
                self.held.add(registration)
            self.state.settle(step, registration, verdict, code, self.now)
            assert self.held <= self.state.held
            self.now += timedelta(seconds=1)


def test_releases_without_an_answer_keep_their_places_until_one_comes() -> None:
    at = Server41(Wish(many(38), candidates=38))
    at.is_mute = True
    for start in range(100_001, 100_005):
        at.want(Wish(many(38, start), candidates=38))
    at.is_mute = False
    bought = krx("005930")
    at.want(Wish((*bought, *many(36, 100_004)), candidates=36))
    assert not at.state.refused
    assert len(at.held) == MAX_REGISTRATIONS
    assert not at.state.has_quotes(KRX)
    assert at.state.is_settled(KRX, at.now)  # so that the desk is told to ask for its prices
    at.now += RETRY_AFTER
    at.play()
    assert at.state.has_quotes(KRX)
    assert at.held == at.state.active == set(at.state.wanted)


def test_what_was_released_without_an_answer_is_no_source_of_prices() -> None:
    at = Server41(Wish(krx("005930")))
    at.is_mute = True
    at.want(Wish())
    at.want(Wish(krx("005930")))  # wanted again: the release may have been heard
    assert at.state.has_quotes(KRX)
    assert at.state.active == at.held
    at.want(Wish())
    assert not at.state.has_quotes(KRX)
    assert at.state.held == at.held


def test_a_registration_without_an_answer_is_released_when_it_is_not_wanted() -> None:
    state = Registrations(allot({KRX: Wish(krx("005930"), candidates=1)}, REAL))
    asked = state.next_step(REGULAR)
    assert asked is not None
    state.settle(*asked, Verdict.LATER, "no answer", REGULAR)
    state.want(allot({KRX: Wish(krx("000660"), candidates=1)}, REAL))
    later = REGULAR + RETRY_AFTER
    assert state.next_step(later) == (Step.RELEASE, asked[1])


def test_too_many_below_what_was_held_before_is_a_leak() -> None:
    first, second, third = allot({KRX: Wish(many(3), candidates=3)}, REAL).registrations
    state = Registrations(allot({KRX: Wish(many(3), candidates=3)}, REAL))
    for held in (first, second):
        state.settle(Step.REGISTER, held, Verdict.DONE, "OPSP0000", REGULAR)
    state.settle(Step.REGISTER, third, Verdict.REFUSED, "OPSP0008", REGULAR)
    assert not state.has_leak("OPSP0008")  # a limit of two: connecting anew would not raise it
    state.settle(Step.RELEASE, second, Verdict.DONE, "OPSP0001", REGULAR)
    state.settle(Step.REGISTER, third, Verdict.REFUSED, "OPSP0008", REGULAR)
    assert state.has_leak("OPSP0008")
    assert not state.has_leak("OPSP8992")


NAMES = st.lists(st.integers(0, 60), unique=True, max_size=50)


@given(ours=NAMES, theirs=NAMES, candidates=st.integers(0, 50), notices=st.booleans())
def test_no_share_breaks_the_limit_or_an_order(
    ours: list[int], theirs: list[int], candidates: int, notices: bool
) -> None:
    candidates = min(candidates, len(theirs))
    first = us(*(f"S{index}" for index in ours))
    second = krx(*(f"{index:06d}" for index in theirs))
    wishes = {US: Wish(first, notices), KRX: Wish(second, notices, candidates)}
    allotment = allot(wishes, REAL)
    granted = allotment.registrations
    assert len(granted) <= MAX_REGISTRATIONS
    assert len(set(granted)) == len(granted)
    for desk, wished in ((US, first), (KRX, second)):
        got = [one.symbol for one in granted if one.desk is desk and one.is_quote]
        assert got == [instrument.symbol for instrument in wished][: len(got)]
        held = len(wished) - (candidates if desk is KRX else 0)
        assert (desk in allotment.short) == (len(got) < held)
