"""A second messenger is there where it is wanted and its keys are given; the doctor tries it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.secrets import Secret, Secrets, TokenStore
from engine.config import Config
from engine.config.sections import Kakao
from engine.errors import ConfigError
from engine.flow.publisher import Publisher
from engine.model.ids import DeskName
from engine.model.receipts import Receipt
from engine.model.state_facts import QuotaWarning
from engine.ports.journal import NumberedFact
from engine.wiring.places import absences, addresses
from engine.wiring.second import open_second, second_probes
from tests.bot.samples import NOW
from tests.sandbox.kakao_loopback import APP, LINK, Loopback, kakao

KEYS = Secrets(
    kakao_rest_api_key=Secret(APP.rest_api_key), kakao_refresh_token=Secret(APP.refresh_token)
)
ON = Config(kakao=Kakao(enabled=True))


def at(there: Loopback) -> Config:
    return Config(kakao=Kakao(True, there.auth, there.talk))


def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "tokens.enc", None)


async def test_it_is_off_by_default_and_needs_both_keys(tmp_path: Path) -> None:
    half = replace(KEYS, kakao_refresh_token=None)
    for config, secrets in ((Config(), KEYS), (ON, half)):
        async with open_second(config, secrets, store(tmp_path)) as second:
            assert second is None


async def test_it_sends_to_the_configured_servers(tmp_path: Path) -> None:
    async with kakao() as there, open_second(at(there), KEYS, store(tmp_path)) as second:
        assert second is not None
        assert (await second.notify("체결", LINK)).receipt is Receipt.TAKEN
        assert there.texts == ["체결"]


def test_what_it_lacks_is_told_at_the_start_while_it_is_on(tmp_path: Path) -> None:
    def told(config: Config, secrets: Secrets) -> set[str]:
        return {code for code in absences(config, secrets, tmp_path) if "kakao" in code}

    assert told(Config(), Secrets()) == set()
    assert told(ON, Secrets()) == {"kakao_no_keys", "kakao_in_memory"}
    assert told(ON, replace(KEYS, master_passphrase=Secret("a passphrase"))) == set()


def test_a_demo_directory_looks_at_its_addresses_too() -> None:
    assert ON.kakao.auth_base_url in addresses(ON)
    assert ON.kakao.auth_base_url not in addresses(Config())


async def test_the_doctor_has_no_line_for_what_is_off(tmp_path: Path) -> None:
    assert second_probes(Config(), None) == []


async def test_the_doctor_tries_the_token_and_sends_nothing(tmp_path: Path) -> None:
    async with kakao() as there, open_second(at(there), KEYS, store(tmp_path)) as second:
        ((name, probe),) = second_probes(at(there), second)
        assert name == "kakao"
        assert "accepted" in await probe()
        there.api.store.age(0)
        with pytest.raises(ConfigError, match="KOE322: log in again"):
            await probe()
        there.trouble("http500", "token")
        with pytest.raises(ConfigError, match="HTTP 500"):
            await probe()
        assert there.texts == []
    with pytest.raises(ConfigError, match="missing"):
        await second_probes(ON, None)[0][1]()


def test_one_who_hears_everything_hears_what_nobody_else_asked_for() -> None:
    heard: list[NumberedFact] = []
    fact = NumberedFact(1, NOW, DeskName.US, QuotaWarning(9, 10))
    Publisher({}, every=(heard.append,)).publish(fact)
    assert heard == [fact]
