"""Who gets the registrations when two desks want more than there are."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.kis.endpoint import KisEndpoint, KisKeys, Server
from engine.adapters.kis.registrations import Registrations, Step, Verdict
from engine.adapters.kis.wishes import MAX_REGISTRATIONS, Allotment, Wish, allot
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
