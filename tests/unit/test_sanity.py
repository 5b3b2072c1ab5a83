from datetime import UTC, datetime, timedelta
from decimal import Decimal

from engine.model.money import Usd
from engine.model.position_facts import QuestionKind
from engine.model.settings import UsSettings
from engine.rules import sanity

SETTINGS = UsSettings()
NOW = datetime(2026, 3, 10, 15, tzinfo=UTC)


def usd(text: str) -> Usd:
    return Usd(Decimal(text))


def kind_of(price: str, cost: str, close: str | None = None) -> QuestionKind | None:
    concern = sanity.check_sale(usd(price), usd(cost), usd(close) if close else None, SETTINGS)
    return concern.kind if concern else None


def test_an_ordinary_gain_is_nothing_to_ask_about() -> None:
    assert kind_of("103", "100", "99") is None
    assert kind_of("115", "100") is None


def test_a_gain_over_fifteen_per_cent_is_asked_about() -> None:
    assert kind_of("115.01", "100") is QuestionKind.GAIN_TOO_HIGH


def test_a_gain_the_trader_agreed_to_counts_five_points_further() -> None:
    def concern(price: str) -> sanity.Concern | None:
        return sanity.check_sale(usd(price), usd("100"), None, SETTINGS, Decimal(40))

    assert concern("145") is None
    assert concern("145.01") is not None


def test_a_price_far_from_the_close_is_asked_about_with_both_figures() -> None:
    concern = sanity.check_sale(usd("104"), usd("100"), usd("79"), SETTINGS)
    assert concern == sanity.Concern(QuestionKind.FAR_FROM_CLOSE, usd("104"), usd("79"))


def test_won_where_dollars_are_due_comes_before_everything_else() -> None:
    concern = sanity.check_sale(usd("115"), usd("160290.7250"), usd("10"), SETTINGS)
    assert concern is not None
    assert concern.kind is QuestionKind.WRONG_CURRENCY
    assert concern.seen == usd("160290.7250")


def test_a_split_keeps_quantity_times_cost() -> None:
    assert sanity.is_split(70, usd("92.20"), 10, usd("645.40"))
    assert sanity.is_split(1, usd("50"), 10, usd("5"))
    assert not sanity.is_split(20, usd("110"), 10, usd("100"))
    assert not sanity.is_split(10, usd("92"), 10, usd("645"))


def test_rounding_of_the_average_is_no_change_of_cost() -> None:
    assert sanity.is_same_cost(usd("100.0001"), usd("100"))
    assert not sanity.is_same_cost(usd("100.2"), usd("100"))


def test_a_jump_of_more_than_thirty_per_cent_either_way_is_a_break() -> None:
    assert sanity.is_break(usd("92"), usd("645"), SETTINGS)
    assert sanity.is_break(usd("131"), usd("100"), SETTINGS)
    assert not sanity.is_break(usd("70"), usd("100"), SETTINGS)


def test_a_quote_is_too_old_after_sixty_seconds() -> None:
    assert not sanity.is_too_old(NOW - timedelta(seconds=60), NOW, SETTINGS)
    assert sanity.is_too_old(NOW - timedelta(seconds=61), NOW, SETTINGS)


def test_five_points_make_a_gain_material() -> None:
    assert sanity.is_material(Decimal(20), Decimal(15))
    assert not sanity.is_material(Decimal("19.9"), Decimal(15))
