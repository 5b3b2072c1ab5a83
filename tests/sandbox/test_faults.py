import pytest

from sandbox.faults import Faults
from sandbox.model import Fault


def test_a_fault_strikes_as_often_as_told_and_is_on_record() -> None:
    desk = Faults()
    desk.add(Fault("rest", "slow", times=2))
    assert [desk.take("rest", "X") is not None for _ in range(3)] == [True, True, False]
    assert [hit.target for hit in desk.taken] == ["X", "X"]


def test_a_fault_strikes_only_its_channel_kind_and_target() -> None:
    desk = Faults()
    desk.add(Fault("rest", "slow", "TTTT1006U"))
    assert desk.take("ws", "TTTT1006U") is None
    assert desk.take("rest", "TTTT1002U") is None
    assert desk.take("rest", "TTTT1006U", "refuse") is None
    assert desk.take("rest", "TTTT1006U", "refuse", "slow") is not None


@pytest.mark.parametrize(
    "target", ["inquire-balance", "/inquire-balance", "trading/inquire-balance"]
)
def test_the_tail_of_a_path_is_a_target_and_a_part_of_a_word_is_none(target: str) -> None:
    desk = Faults()
    desk.add(Fault("rest", "slow", target, times=0))
    assert desk.take("rest", "/uapi/overseas-stock/v1/trading/inquire-balance") is not None
    assert desk.take("rest", "/uapi/overseas-stock/v1/trading/inquire-present-balance") is None


def test_the_first_that_fits_is_taken_first() -> None:
    desk = Faults()
    desk.add(Fault("rest", "slow", "A"))
    desk.add(Fault("rest", "refuse"))
    first, second = desk.take("rest", "A"), desk.take("rest", "A")
    assert first is not None
    assert second is not None
    assert (first.kind, second.kind) == ("slow", "refuse")


def test_a_fault_for_a_negative_number_of_calls_is_refused() -> None:
    with pytest.raises(ValueError, match="times"):
        Faults().add(Fault("rest", "slow", times=-1))
