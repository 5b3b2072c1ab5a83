"""A start never raises the mode, and a demo directory never leaves loopback."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.clocks import DemoClock, SystemClock
from engine.adapters.kis.network import Network
from engine.adapters.secrets import Secret, Secrets, TokenStore
from engine.config import Config
from engine.config.sections import Api, Telegram
from engine.errors import ConfigError
from engine.model.ids import DeskName, Mode
from engine.wiring.modes import Sides
from engine.wiring.places import (
    LIVE_KEYS,
    Paths,
    absences,
    live_mark,
    make_clock,
    make_sides,
    start_mode,
)
from tests.adapters.test_sim_broker import HandClock
from tests.fakes.chat_store import FakeValues
from tests.fakes.settings_store import FakeSettingsStore

HERE = "http://127.0.0.1:8090"
LOOPBACK = replace(
    Config(),
    api=Api(
        *(f"{HERE}/real", "ws://127.0.0.1:8090"),
        *(f"{HERE}/paper", "ws://localhost:8090", f"{HERE}/master"),
    ),
    telegram=Telegram(f"{HERE}/telegram/bot", f"{HERE}/telegram/file/bot"),
)
REAL = Secrets(
    kis_app_key=Secret("key"), kis_app_secret=Secret("secret"), kis_account=Secret("1234567801")
)
BOTH = replace(
    REAL,
    paper_app_key=Secret("paper key"),
    paper_app_secret=Secret("paper secret"),
    paper_account=Secret("5012345601"),
)
both_desks = pytest.mark.parametrize("desk", list(DeskName))


class NoCounts:
    async def load(self, desk: DeskName, exchange_date: object) -> dict[object, int]:
        return {}

    def add(self, desk: DeskName, exchange_date: object, minute: object) -> None:
        return None


def sides(tmp_path: Path, config: Config, secrets: Secrets = REAL) -> Sides:
    return make_sides(
        config,
        secrets,
        Paths(tmp_path, None),
        NoCounts(),  # type: ignore[arg-type]
        HandClock(),
        Network(),
        cache=TokenStore(tmp_path / "tokens.enc", None),
    )


async def start(
    tmp_path: Path,
    config: Config,
    *,
    last: Mode | None = None,
    confirmed: bool = False,
    secrets: Secrets = REAL,
    desk: DeskName = DeskName.US,
) -> tuple[Mode, tuple[str, ...]]:
    store, values, both = FakeSettingsStore(), FakeValues(), sides(tmp_path, config, secrets)
    if last is not None:
        store.modes[desk] = last
    if confirmed:
        await values.put(LIVE_KEYS[desk], live_mark(both))
    return await start_mode(desk, config, store, values, both, HandClock())


@both_desks
@pytest.mark.parametrize("wish", list(Mode))
@pytest.mark.parametrize("last", list(Mode))
async def test_a_restart_comes_up_in_the_mode_it_had_whatever_the_file_wishes(
    tmp_path: Path, desk: DeskName, last: Mode, wish: Mode
) -> None:
    config = replace(LOOPBACK, mode=wish)
    found = await start(tmp_path, config, last=last, confirmed=True, secrets=BOTH, desk=desk)
    assert found == (last, ())


@both_desks
async def test_live_without_its_confirmation_comes_up_lower_and_says_so(
    tmp_path: Path, desk: DeskName
) -> None:
    found = await start(tmp_path, LOOPBACK, last=Mode.LIVE, secrets=BOTH, desk=desk)
    assert found == (Mode.DRY_RUN, ("live_needs_confirmation",))


@both_desks
async def test_paper_without_its_keys_comes_up_lower_and_says_so(
    tmp_path: Path, desk: DeskName
) -> None:
    found = await start(tmp_path, LOOPBACK, last=Mode.PAPER, desk=desk)
    assert found == (Mode.DRY_RUN, ("paper:no_keys",))


async def test_a_confirmation_of_one_desk_is_none_of_the_other(tmp_path: Path) -> None:
    store, values, both = FakeSettingsStore(), FakeValues(), sides(tmp_path, LOOPBACK)
    store.modes = dict.fromkeys(DeskName, Mode.LIVE)
    await values.put(LIVE_KEYS[DeskName.US], live_mark(both))
    found = [
        await start_mode(desk, LOOPBACK, store, values, both, HandClock()) for desk in DeskName
    ]
    assert {mode for mode, _ in found} == {Mode.LIVE, Mode.DRY_RUN}


async def test_live_in_the_file_is_a_wish(tmp_path: Path) -> None:
    config = replace(LOOPBACK, mode=Mode.LIVE)
    mode, notices = await start(tmp_path, config)
    assert (mode, notices) == (Mode.DRY_RUN, ("live_needs_confirmation",))


async def test_a_confirmation_for_another_account_is_none(tmp_path: Path) -> None:
    other = replace(REAL, kis_account=Secret("8765432101"))
    store, values = FakeSettingsStore(), FakeValues()
    store.modes[DeskName.US] = Mode.LIVE
    await values.put(LIVE_KEYS[DeskName.US], live_mark(sides(tmp_path, LOOPBACK, other)))
    mode, _ = await start_mode(
        DeskName.US, LOOPBACK, store, values, sides(tmp_path, LOOPBACK), HandClock()
    )
    assert mode is Mode.DRY_RUN


@both_desks
async def test_a_mode_lost_once_does_not_come_back_with_the_old_file(
    tmp_path: Path, desk: DeskName
) -> None:
    store, values = FakeSettingsStore(), FakeValues()
    store.modes[desk] = Mode.LIVE
    here, other = sides(tmp_path, LOOPBACK), replace(REAL, kis_account=Secret("8765432101"))
    await values.put(LIVE_KEYS[desk], live_mark(here))
    for both in (sides(tmp_path, LOOPBACK, other), here):
        mode, _ = await start_mode(desk, LOOPBACK, store, values, both, HandClock())
        assert mode is Mode.DRY_RUN


async def test_live_needs_no_loopback(tmp_path: Path) -> None:
    assert await start(tmp_path, Config(), last=Mode.LIVE, confirmed=True) == (Mode.LIVE, ())


async def test_without_any_key_there_is_nothing_to_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="KIS_APP_KEY"):
        await start(tmp_path, LOOPBACK, secrets=Secrets())


def test_what_is_absent_is_named_and_a_demo_is_known_as_one(tmp_path: Path) -> None:
    assert absences(Config(), REAL, tmp_path) == ("no_hts_id", "token_in_memory")
    (tmp_path / "demo.json").touch()
    assert absences(Config(), REAL, tmp_path) == ("demo", "no_hts_id")


def test_a_demo_directory_refuses_foreign_addresses_for_ever(tmp_path: Path) -> None:
    state = {
        "anchor_monotonic": 0.0,
        "anchor_market": "2026-11-20T09:30:00-05:00",
        "speed": 1.0,
        "frozen": True,
    }
    (tmp_path / "demo.json").write_text(json.dumps(state))
    assert isinstance(make_clock(tmp_path, LOOPBACK), DemoClock)
    with pytest.raises(ConfigError, match=r"api\.telegram\.org"):
        make_clock(tmp_path, replace(LOOPBACK, telegram=Telegram()))
    with pytest.raises(ConfigError, match=r"dws\.co\.kr"):
        make_clock(
            tmp_path, replace(LOOPBACK, api=replace(LOOPBACK.api, master_url=Api().master_url))
        )


def test_an_ordinary_directory_has_the_machine_s_clock(tmp_path: Path) -> None:
    assert isinstance(make_clock(tmp_path, Config()), SystemClock)
