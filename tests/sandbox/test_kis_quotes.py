from decimal import Decimal

from sandbox.model import Server
from tests.sandbox.kis_desk import QUOTES, KisDesk, body, code, et, prints


def test_last_is_blank_until_the_days_first_trade() -> None:
    desk = KisDesk(prints((et(4, 20), "101.00", 50)), start=et(4))
    before = body(desk.price())["output"]
    assert (before["last"], before["base"], before["tvol"]) == ("", "100.0000", "0")
    assert before["rate"] == " 0.00"
    desk.until(et(4, 21))
    after = body(desk.price())["output"]
    assert (after["last"], after["tvol"], after["rsym"]) == ("101.0000", "50", "DNASAAPL")


def test_the_rate_is_signed_and_the_difference_is_not() -> None:
    desk = KisDesk(
        prints((et(10), "104.00", 1), (et(10, 1), "96.00", 1), (et(10, 2), "100.00", 1)),
        start=et(10),
    )
    shown = []
    for minute in (0, 1, 2):
        desk.until(et(10, minute, 1))
        output = body(desk.price())["output"]
        shown.append((output["sign"], output["diff"], output["rate"]))
    assert shown == [
        ("2", "4.0000", "+4.00"), ("5", "4.0000", "-4.00"), ("3", "0.0000", " 0.00"),
    ]  # fmt: skip


def test_an_unknown_symbol_or_exchange_is_no_error_but_blank() -> None:
    desk = KisDesk(prints((et(9, 59), "101.00", 50)))
    for symbol, excd in (("NOPE", "NAS"), ("AAPL", "NYS"), ("AAPL", "NASD")):
        content = body(desk.price(symbol, excd))
        assert content["rt_cd"] == "0"
        assert set(content["output"].values()) == {""}


def test_yesterdays_last_price_stays_until_the_next_premarket_begins() -> None:
    desk = KisDesk(prints((et(15, 59), "101.00", 50)), start=et(15, 59))
    desk.until(et(20))
    assert body(desk.price())["output"]["last"] == "101.0000"
    desk.until(et(24 - 1, 59) + (et(4, 0, 1) - et(0)))
    assert body(desk.price())["output"]["last"] == "101.0000"


def test_the_asking_price_shows_the_book_with_both_sides() -> None:
    desk = KisDesk(prints((et(9, 59), "101.00", 50)))
    params = {"AUTH": "", "EXCD": "NAS", "SYMB": "AAPL"}
    content = body(desk.call("GET", QUOTES + "inquire-asking-price", "HHDFS76200100", params))
    depth = content["output2"]
    assert (depth["pbid1"], depth["pask1"]) == ("101.0000", "101.0100")
    assert (depth["vbid1"], depth["vask1"]) == ("50", "50")
    assert content["output1"]["dhms"] == "095900"


def test_the_detail_tells_the_tick() -> None:
    desk = KisDesk(prints((et(9, 59), "101.00", 50)))
    params = {"AUTH": "", "EXCD": "NAS", "SYMB": "AAPL"}
    output = body(desk.call("GET", QUOTES + "price-detail", "HHDFS76200200", params))["output"]
    assert Decimal(output["e_hogau"]) == Decimal("0.01")
    assert Decimal(output["last"]) == 101


def test_search_info_knows_a_listing_by_its_product_type_only() -> None:
    desk = KisDesk()
    path = "/uapi/domestic-stock/v1/quotations/search-info"
    right = {"PRDT_TYPE_CD": "512", "PDNO": "AAPL"}
    output = body(desk.call("GET", path, "CTPF1604R", right))["output"]
    assert (output["shtn_pdno"], output["prdt_abrv_name"]) == ("AAPL", "애플")
    wrong = body(desk.call("GET", path, "CTPF1604R", right | {"PRDT_TYPE_CD": "513"}))
    assert wrong["rt_cd"] == "7"
    overseas = body(desk.call("GET", QUOTES + "search-info", "CTPF1702R", right))["output"]
    assert (overseas["ovrs_excg_cd"], overseas["tr_crcy_cd"]) == ("NASD", "USD")


def test_paper_has_the_price_and_no_other_quote() -> None:
    desk = KisDesk(prints((et(9, 59), "101.00", 50)))
    params = {"AUTH": "", "EXCD": "NAS", "SYMB": "AAPL"}
    reply = desk.call("GET", QUOTES + "price", "HHDFS00000300", params, Server.PAPER)
    assert body(reply)["output"]["last"] == "101.0000"
    desk.wait(1)
    path = QUOTES + "inquire-asking-price"
    reply = desk.call("GET", path, "HHDFS76200100", params, Server.PAPER)
    assert code(reply) == (500, "EGW02006")
