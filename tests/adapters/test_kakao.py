"""The Kakao adapter against its double on loopback."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.kakao import KakaoKeys, KakaoNotifier
from engine.adapters.kakao.contract import read_answer
from engine.adapters.secrets import Secret, TokenStore
from engine.model.receipts import Denial, Receipt, Told
from sandbox.kakao_store import KakaoApp
from tests.sandbox.kakao_loopback import APP, LINK, Loopback, kakao

KEYS = KakaoKeys(APP.rest_api_key, APP.refresh_token)
TAKEN = Told(Receipt.TAKEN)


class Kept(dict[str, str]):
    """What a store would keep."""

    def load(self, key: str) -> str | None:
        return self.get(key)

    def save(self, key: str, text: str) -> None:
        self[key] = text


class Start:
    """One run of the assistant with what earlier ones kept."""

    def __init__(
        self, there: Loopback, kept: Kept | TokenStore | None = None, keys: KakaoKeys = KEYS
    ) -> None:
        self.elapsed = 0.0
        self.notifier = KakaoNotifier(
            there.auth, there.talk, keys, kept or Kept(), lambda: self.elapsed
        )
        there.closing.push_async_callback(self.notifier.close)

    async def tell(self, text: str = "체결") -> Told:
        return await self.notifier.notify(text, LINK)


async def test_a_text_arrives_with_the_link() -> None:
    async with kakao() as there:
        assert await Start(there).tell("[실전] 체결 & 100%") == TAKEN
        (told,) = there.api.store.messages
        assert (told["text"], told["link"]) == ("[실전] 체결 & 100%", LINK)


async def test_one_token_serves_many_messages_until_it_is_nearly_over() -> None:
    async with kakao() as there:
        run = Start(there)
        await run.tell()
        run.elapsed = 5.8 * 3600
        await run.tell()
        assert there.asked("token") == 1
        run.elapsed = 6 * 3600 - 60
        await run.tell()
        assert (there.asked("token"), len(there.texts)) == (2, 3)


async def test_a_token_that_is_refused_is_renewed_once() -> None:
    async with kakao() as there:
        run = Start(there)
        await run.tell()
        there.api.store.end_access()
        assert await run.tell() == TAKEN
        there.trouble("refuse", "send", "-401", times=2)
        assert await run.tell() == Told(Receipt.DENIED, "-401", Denial.TOKEN)
        assert len(there.texts) == 2


async def test_a_renewed_refresh_token_is_used_after_a_restart(tmp_path: Path) -> None:
    def opened() -> TokenStore:
        return TokenStore(tmp_path / "tokens.enc", Secret("open sesame"))

    async with kakao() as there:
        there.api.store.age(10)
        assert await Start(there, opened()).notifier.renew() == TAKEN
        assert (await there.login()).json()["error_code"] == "KOE322"
        assert await Start(there, opened()).tell() == TAKEN
        assert APP.refresh_token.encode() not in (tmp_path / "tokens.enc").read_bytes()


async def test_a_token_far_from_its_end_is_not_written_down() -> None:
    async with kakao() as there:
        kept = Kept()
        await Start(there, kept).tell()
        assert kept == {}


async def test_a_new_token_of_the_trader_wins_over_the_kept_one() -> None:
    kept = Kept()
    async with kakao() as there:
        there.api.store.age(10)
        await Start(there, kept).notifier.renew()
    async with kakao(KakaoApp(APP.rest_api_key, "second-login")) as there:
        assert await Start(there, kept).tell() == Told(Receipt.DENIED, "KOE322", Denial.TOKEN)
        fresh = KakaoKeys(APP.rest_api_key, "second-login")
        assert await Start(there, kept, fresh).tell() == TAKEN


async def test_without_a_passphrase_a_renewed_token_lives_in_memory_only(tmp_path: Path) -> None:
    async with kakao() as there:
        there.api.store.age(10)
        run = Start(there, TokenStore(tmp_path / "tokens.enc", None))
        await run.notifier.renew()
        assert await run.tell() == TAKEN
        assert list(tmp_path.iterdir()) == []


async def test_a_client_secret_is_sent_where_there_is_one() -> None:
    app = KakaoApp(APP.rest_api_key, APP.refresh_token, "hush")
    async with kakao(app) as there:
        assert (await Start(there).tell()).denial is Denial.KEY
        keys = KakaoKeys(APP.rest_api_key, APP.refresh_token, "hush")
        assert await Start(there, None, keys).tell() == TAKEN


@pytest.mark.parametrize(
    ("kind", "value", "receipt"),
    [
        ("http500", "", Receipt.LATER),
        ("busy", "-7", Receipt.LATER),
        ("refuse", "-2", Receipt.UNFIT),
        ("refuse", "-10", Receipt.SPENT),
        ("refuse", "-402", Receipt.DENIED),
        ("lost_answer", "", Receipt.LOST),
    ],
)
async def test_what_becomes_of_a_message(kind: str, value: str, receipt: Receipt) -> None:
    async with kakao() as there:
        there.trouble(kind, "send", value)
        assert (await Start(there).tell()).receipt is receipt


async def test_a_spent_day_and_a_missing_permission_are_told_apart() -> None:
    async with kakao() as there:
        run = Start(there)
        there.api.store.quota = 0
        assert await run.tell() == Told(Receipt.SPENT, "-532")
        there.api.store.has_scope = False
        assert await run.tell() == Told(Receipt.DENIED, "-402", Denial.SCOPE)


async def test_a_lost_token_answer_is_asked_for_again() -> None:
    async with kakao() as there:
        run = Start(there)
        there.trouble("reset", "token")
        assert (await run.tell()).receipt is Receipt.LATER
        assert await run.tell() == TAKEN


async def test_a_server_that_is_not_there_costs_a_later_try() -> None:
    async with kakao() as there:
        root = there.root
    async with kakao() as there:
        away = replace(there, root=root)
        assert (await Start(away).tell()).receipt is Receipt.LATER


def test_unknown_answers_pass_or_are_the_messages_own() -> None:
    assert read_answer(400, {"code": -99_999}).receipt is Receipt.UNFIT
    assert read_answer(503, {"code": -99_999}).receipt is Receipt.LATER
    assert read_answer(429, None).receipt is Receipt.LATER
    assert read_answer(400, None).receipt is Receipt.LATER
    assert read_answer(400, {"error": "invalid_grant"}).denial is Denial.TOKEN


async def test_neither_keys_nor_tokens_reach_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "engine")
    async with kakao() as there:
        there.api.store.age(10)
        run = Start(there)
        await run.tell()
        there.trouble("lost_answer", "token")
        await run.notifier.renew()
    assert "renewed" in caplog.text
    fresh = run.notifier._tokens._refresh
    for secret in (KEYS.rest_api_key, KEYS.refresh_token, fresh, run.notifier._tokens._access):
        assert secret not in caplog.text
    assert repr(KEYS) == "KakaoKeys(***)"
