from datetime import datetime, timedelta

from sandbox.kis_wire import KisRequest
from sandbox.model import Server
from sandbox.session import KST
from tests.sandbox.kis_desk import KisDesk, body, code, et, prints


def refusal(reply) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    content = body(reply)
    assert set(content) == {"error_code", "error_description"}
    return reply.status, content["error_code"]


def test_a_token_says_its_life_in_seconds_and_its_end_in_korean_time() -> None:
    desk = KisDesk()
    content = body(desk.ask_token())
    assert content["token_type"] == "Bearer"
    assert content["expires_in"] == 86400
    end = datetime.fromisoformat(content["access_token_token_expired"])
    expected = desk.world.clock.now() + timedelta(hours=24)
    assert end.replace(tzinfo=KST) == expected
    assert len(content["access_token"]) <= 350
    assert "rt_cd" not in content


def test_a_second_token_within_a_minute_is_refused_with_403() -> None:
    desk = KisDesk()
    desk.ask_token()
    desk.wait(59)
    assert refusal(desk.ask_token()) == (403, "EGW00133")


def test_the_same_token_comes_back_for_six_hours_and_a_new_one_ends_it() -> None:
    desk = KisDesk()
    first = body(desk.ask_token())
    desk.wait(61)
    second = body(desk.ask_token())
    assert second["access_token"] == first["access_token"]
    assert second["access_token_token_expired"] == first["access_token_token_expired"]
    desk.tokens[Server.REAL] = first["access_token"]
    desk.wait(6 * 3600)
    third = body(desk.ask_token())
    assert third["access_token"] != first["access_token"]
    assert code(desk.price()) == (500, "EGW00121")


def test_wrong_keys_are_told_apart() -> None:
    desk = KisDesk()
    assert refusal(desk.ask_token(appkey="x")) == (403, "EGW00103")
    assert refusal(desk.ask_token(appsecret="x")) == (403, "EGW00105")
    assert refusal(desk.ask_token(grant_type="password")) == (403, "EGW00116")
    paper_key = desk.world.credentials[Server.PAPER].app_key
    assert refusal(desk.ask_token(appkey=paper_key)) == (403, "EGW00103")


def test_an_approval_key_wants_secretkey_and_is_known_afterwards() -> None:
    desk = KisDesk()
    owner = desk.world.credentials[Server.REAL]
    fields = {"grant_type": "client_credentials", "appkey": owner.app_key}
    wrong = fields | {"appsecret": owner.app_secret}
    assert refusal(desk.post_auth("/oauth2/Approval", wrong, Server.REAL)) == (403, "EGW00104")
    right = fields | {"secretkey": owner.app_secret}
    key = body(desk.post_auth("/oauth2/Approval", right, Server.REAL))["approval_key"]
    assert len(key) == 36
    assert desk.world.approvals.valid(Server.REAL, key)
    assert not desk.world.approvals.valid(Server.PAPER, key)
    assert desk.world.approvals.owner(key) == owner.app_key
    desk.wait(24 * 3600)
    assert not desk.world.approvals.valid(Server.REAL, key)


def test_a_revoked_token_is_dead() -> None:
    desk = KisDesk()
    owner = desk.world.credentials[Server.REAL]
    desk.price()
    fields = {
        "appkey": owner.app_key,
        "appsecret": owner.app_secret,
        "token": desk.tokens[Server.REAL],
    }
    assert body(desk.post_auth("/oauth2/revokeP", fields, Server.REAL))["code"] == 200
    assert code(desk.price()) == (500, "EGW00121")


def test_the_gateway_names_what_is_wrong_with_a_call() -> None:
    desk = KisDesk()
    owner = desk.world.credentials[Server.REAL]
    paper = desk.world.credentials[Server.PAPER]
    desk.price()
    token = desk.tokens[Server.REAL]
    paper_token = body(desk.ask_token(Server.PAPER))["access_token"]
    cases = {
        "EGW00121": {"authorization": ""},
        "EGW00205": {"authorization": f"Basic {token}"},
        "EGW00102": {"appkey": ""},
        "EGW00103": {"appkey": "x" * 36},
        "EGW00304": {"appsecret": "y" * 180},
        "EGW02004": {"appkey": paper.app_key, "appsecret": paper.app_secret},
        "EGW00208": {"custtype": "X"},
        "EGW00132": {"content-type": "text/plain"},
    }
    for expected, headers in cases.items():
        assert code(desk.price(**headers)) == (500, expected)
    assert code(desk.price(authorization=f"Bearer {paper_token}")) == (500, "EGW00205")
    assert owner.app_key != paper.app_key


def test_an_expired_token_is_told_apart_from_an_unknown_one() -> None:
    desk = KisDesk()
    desk.price()
    desk.wait(24 * 3600)
    assert code(desk.price()) == (500, "EGW00123")
    assert code(desk.price(authorization="Bearer nobody")) == (500, "EGW00121")


def test_tr_ids_of_the_other_server_and_invented_ones_are_refused() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    desk.hold("AAPL", 10, "90", Server.PAPER)
    order = {"server": Server.PAPER}
    assert code(desk.order("sell", "1", "100", tr_id="TTTT1006U", **order)) == (500, "EGW02006")
    desk.wait(1)
    # The real id with V in front is not the paper id of a US sell.
    assert code(desk.order("sell", "1", "100", tr_id="VTTT1006U", **order)) == (200, "OPSQ0002")
    assert code(desk.order("sell", "1", "100", tr_id="VTTT1001U")) == (500, "EGW02004")
    assert code(desk.order("sell", "1", "100", tr_id="XXXX")) == (200, "OPSQ0002")
    assert desk.world.books.accounts[Server.PAPER].orders == {}


def test_real_only_calls_do_not_exist_on_paper() -> None:
    desk = KisDesk()
    params = {"AUTH": "", "EXCD": "NAS", "SYMB": "AAPL"}
    path = "/uapi/overseas-price/v1/quotations/price-detail"
    reply = desk.call("GET", path, "HHDFS76200200", params, Server.PAPER)
    assert code(reply) == (500, "EGW02006")


def test_eighteen_calls_pass_within_any_second_of_market_time() -> None:
    desk = KisDesk()
    replies = []
    for _ in range(19):
        replies.append(desk.price())
        desk.wait(0.01)
    assert [reply.status for reply in replies] == [200] * 18 + [500]
    assert code(replies[-1]) == (500, "EGW00201")
    desk.wait(0.8)
    assert desk.price().status == 500
    desk.wait(0.02)
    assert desk.price().status == 200


def test_paper_takes_one_call_a_second_and_an_order_over_it_has_no_effect() -> None:
    desk = KisDesk(prints((et(9, 59), "100.00", 99)))
    assert desk.order("buy", "1", "90.00", server=Server.PAPER).status == 200
    desk.wait(0.6)
    assert code(desk.order("buy", "1", "90.00", server=Server.PAPER)) == (500, "EGW00201")
    assert len(desk.world.books.accounts[Server.PAPER].orders) == 1
    desk.wait(0.5)
    assert desk.order("buy", "1", "90.00", server=Server.PAPER).status == 200


def test_a_chunked_body_does_not_get_through() -> None:
    desk = KisDesk()
    headers = desk.headers(Server.REAL, "TTTT1002U") | {"transfer-encoding": "chunked"}
    request = KisRequest(
        Server.REAL, "POST", "/uapi/overseas-stock/v1/trading/order", headers, {}, "{}"
    )
    assert code(desk.rest.handle(request)) == (500, "EGW00202")
