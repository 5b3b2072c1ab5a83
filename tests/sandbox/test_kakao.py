"""The double of Kakao is as strict as its documents."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.kakao_store import KakaoApp
from tests.sandbox.kakao_loopback import APP, kakao, template


async def test_a_message_arrives_with_its_link() -> None:
    async with kakao() as there:
        answer = await there.send(template())
        assert answer.json() == {"result_code": 0}
        (told,) = there.api.store.messages
        assert (told["text"], told["link"]) == ("체결", "https://t.me/a_bot")


@pytest.mark.parametrize(
    "wrong",
    [
        template(text="가" * 201),
        template(text="😀" * 101),
        template(text=""),
        template(link={}),
        template(link=None),
        template(object_type="feed"),
        template(colour="red"),
        [],
    ],
)
async def test_a_template_that_is_not_as_documented_is_refused(wrong: Any) -> None:
    async with kakao() as there:
        answer = await there.send(wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, -2)
        assert there.texts == []


async def test_two_hundred_characters_fit() -> None:
    async with kakao() as there:
        assert (await there.send(template(text="가" * 200))).status_code == 200


async def test_a_body_that_is_no_form_is_refused() -> None:
    async with kakao() as there:
        answer = await there.http.post(
            f"{there.talk}/v2/api/talk/memo/default/send", json={"template_object": template()}
        )
        assert answer.json()["code"] == -2


async def test_an_access_token_lives_six_hours() -> None:
    async with kakao() as there:
        token = await there.token()
        there.time.forward(6 * 3600 - 1)
        assert (await there.send(template(), token)).status_code == 200
        there.time.forward(1)
        answer = await there.send(template(), token)
        assert (answer.status_code, answer.json()["code"]) == (401, -401)


async def test_without_the_permission_the_missing_scope_is_named() -> None:
    async with kakao() as there:
        there.api.store.has_scope = False
        answer = await there.send(template())
        assert answer.status_code == 403
        told = answer.json()
        assert (told["code"], told["required_scopes"]) == (-402, ["talk_message"])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"client_id": "another"}, 401, "KOE101"),
        ({"client_secret": "none is set"}, 401, "KOE010"),
        ({"refresh_token": "another"}, 400, "KOE322"),
        ({"grant_type": "authorization_code"}, 400, "KOE001"),
    ],
)
async def test_a_login_that_does_not_fit_is_refused(
    changes: dict[str, str], status: int, code: str
) -> None:
    async with kakao() as there:
        answer = await there.login(**changes)
        assert (answer.status_code, answer.json()["error_code"]) == (status, code)


async def test_a_client_secret_that_is_on_is_needed() -> None:
    async with kakao(KakaoApp(APP.rest_api_key, APP.refresh_token, "secret")) as there:
        assert (await there.login()).json()["error_code"] == "KOE010"
        assert (await there.login(client_secret="secret")).status_code == 200


async def test_a_refresh_token_is_renewed_in_its_last_month_only() -> None:
    async with kakao() as there:
        there.api.store.age(31)
        assert "refresh_token" not in (await there.login()).json()
        there.api.store.age(29)
        fresh = (await there.login()).json()["refresh_token"]
        assert (await there.login()).json()["error_code"] == "KOE322"
        assert (await there.login(refresh_token=fresh)).status_code == 200
        assert there.api.store.days_left() == 60


async def test_a_refresh_token_ends() -> None:
    async with kakao() as there:
        there.time.forward(60 * 86_400)
        assert (await there.login()).json()["error"] == "invalid_grant"


async def test_more_than_twenty_tokens_in_ten_minutes_are_refused() -> None:
    async with kakao() as there:
        for _ in range(20):
            assert (await there.login()).status_code == 200
        assert (await there.login()).status_code == 429
        there.time.forward(600)
        assert (await there.login()).status_code == 200


async def test_the_allowance_of_a_day_begins_anew_at_midnight_in_korea() -> None:
    async with kakao() as there:
        there.api.store.quota = 1
        assert (await there.send(template())).status_code == 200
        assert (await there.send(template())).json()["code"] == -532
        there.time.forward(35 * 60)  # 23:30 in Korea before
        assert (await there.send(template())).status_code == 200


async def test_the_controls_show_what_came_and_hold_no_token() -> None:
    async with kakao() as there:
        token = await there.token()
        await there.send(template(), token)
        shown = await there.http.post(
            f"{there.root}/sandbox/kakao", json={"days_left": 3, "quota": 7, "scope": False}
        )
        told = shown.json()
        assert [message["text"] for message in told["messages"]] == ["체결"]
        assert [call["name"] for call in told["calls"]] == ["token", "send"]
        assert (told["days_left"], told["quota"], told["scope"]) == (3, 7, False)
        assert token not in shown.text
        assert APP.refresh_token not in shown.text
        wrong = await there.http.post(f"{there.root}/sandbox/kakao", json={"quota": "many"})
        assert wrong.status_code == 400


@pytest.mark.parametrize(("kind", "arrived"), [("reset", []), ("lost_answer", ["체결"])])
async def test_a_cut_connection_may_have_done_it_or_not(kind: str, arrived: list[str]) -> None:
    async with kakao() as there:
        token = await there.token()
        there.trouble(kind, "send")
        with pytest.raises(Exception, match="disconnected"):
            await there.send(template(), token)
        assert there.texts == arrived
