"""/drill throws the sandbox's switches in the demo, and nothing anywhere else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from bot.drill import SandboxDrills
from bot.format.drill import Drill
from engine.config import Config
from engine.model.ids import Symbol
from engine.model.views import SettingChange
from engine.ports.control import SettingRefused
from engine.wiring import sandbox_of
from engine.wiring.places import DEMO_FILE
from sandbox.switches import DRILLS
from tests.bot.stage import OWNER, press, reply_to, staged


class Thrown:
    """Remembers what was asked of the sandbox."""

    def __init__(self, *, works: bool = True) -> None:
        self.asked: list[tuple[str, bool]] = []
        self.works = works

    async def throw(self, name: str, *, is_on: bool) -> bool:
        self.asked.append((name, is_on))
        return self.works


@dataclass
class Caps:
    """Kept in order, as the settings demand."""

    now: dict[str, str] = field(
        default_factory=lambda: {"safe_per_hour": "500", "safe_per_day": "4500"}
    )

    def change(self, key: str, value: str, symbol: Symbol | None) -> SettingChange | SettingRefused:
        changed = {**self.now, key: value}
        if int(changed["safe_per_hour"]) > int(changed["safe_per_day"]):
            return SettingRefused(key, value, "", "", None)
        old, self.now = self.now[key], changed
        return SettingChange(key, old, value, loosens=False, qualifying=())


async def test_outside_the_demo_it_says_where_it_exists_and_shows_no_button() -> None:
    async with staged() as stage:
        calls = await stage.type("/drill")
        assert "python3 run.py demo" in calls[-1].text
        assert calls[-1].buttons() == {}
        assert stage.control.asked == []


@pytest.mark.parametrize(
    ("label", "drill"),
    [
        ("KIS 오류", Drill.ERRORS),
        ("KIS 무응답", Drill.SILENCE),
        ("계좌 조회 실패", Drill.ACCOUNT),
        ("실시간 끊김", Drill.SOCKET),
        ("호출 거절", Drill.REFUSALS),
        ("시각 어긋남", Drill.CLOCK),
    ],
)
async def test_in_the_demo_a_press_begins_a_drill_and_another_ends_it(
    label: str, drill: Drill
) -> None:
    thrown = Thrown()
    async with staged(drills=thrown) as stage:
        await reply_to(stage, "/drill")
        assert "시작" in await press(stage, label)
        assert "끝" in await press(stage, "끝내기")
        assert thrown.asked == [(drill, True), (drill, False)]
        assert stage.control.asked == [], "the desks find out by themselves"


async def test_a_drill_that_stops_the_poll_ends_by_itself() -> None:
    thrown = Thrown()
    async with staged(drills=thrown) as stage:
        await reply_to(stage, "/drill")
        assert "시작" in await press(stage, "봇 중복 실행")
        assert stage.told[-1].buttons() == {}
        assert thrown.asked == [(Drill.POLLER, True)]


async def test_the_days_calls_are_capped_and_the_caps_put_back() -> None:
    thrown = Thrown()
    caps = Caps()
    async with staged(drills=thrown) as stage:
        stage.control.check = caps.change
        for _ in range(2):  # a second press does not forget what was there
            await reply_to(stage, "/drill")
            assert "한도를 1로" in await press(stage, "하루 호출 한도")
            assert caps.now == {"safe_per_hour": "1", "safe_per_day": "1"}
        assert "되돌렸습니다" in await press(stage, "끝내기")
        assert caps.now == {"safe_per_hour": "500", "safe_per_day": "4500"}
        assert thrown.asked == []


async def test_a_cap_that_cannot_be_changed_is_said() -> None:
    async with staged(drills=Thrown()) as stage:
        stage.control.check = lambda key, value, _: SettingRefused(key, value, "", "", None)
        await reply_to(stage, "/drill")
        assert "⚠️" in await press(stage, "하루 호출 한도")


async def test_a_sandbox_that_does_not_answer_is_said() -> None:
    async with staged(drills=Thrown(works=False)) as stage:
        await reply_to(stage, "/drill")
        assert "답하지 않습니다" in await press(stage, "KIS 오류")


async def test_a_stranger_cannot_begin_one() -> None:
    thrown = Thrown()
    async with staged(drills=thrown) as stage:
        await stage.type("/drill", user=OWNER + 99)
        assert thrown.asked == []


def test_every_drill_is_a_switch_of_the_sandbox() -> None:
    assert set(DRILLS) == set(Drill) - {Drill.CALLS}


def demo(config: Config, host: str) -> Config:
    api = replace(
        config.api,
        **{
            name: f"{scheme}://{host}:8090/x"
            for name, scheme in (
                *(("base_url", "http"), ("websocket_url", "ws"), ("paper_base_url", "http")),
                *(("paper_websocket_url", "ws"), ("master_url", "http")),
            )
        },
    )
    chat = replace(
        config.telegram, base_url=f"http://{host}/bot", base_file_url=f"http://{host}/file"
    )
    return replace(config, api=api, telegram=chat)


def test_only_a_demo_directory_on_loopback_has_a_sandbox(tmp_path: Path) -> None:
    local, foreign = demo(Config(), "127.0.0.1"), demo(Config(), "example.com")
    assert sandbox_of(tmp_path, local) is None, "loopback alone is no demo"
    (tmp_path / DEMO_FILE).write_text("{}")
    assert sandbox_of(tmp_path, local) == "http://127.0.0.1:8090"
    assert sandbox_of(tmp_path, foreign) is None
    half = replace(local, api=replace(local.api, master_url="https://example.com/master"))
    assert sandbox_of(tmp_path, half) is None


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost"])
async def test_the_sandbox_of_a_demo_can_be_drilled_by_each_of_its_names(
    tmp_path: Path, host: str
) -> None:
    (tmp_path / DEMO_FILE).write_text("{}")
    root = sandbox_of(tmp_path, demo(Config(), host))
    assert root == f"http://{host}:8090"
    drills = SandboxDrills(root, httpx.MockTransport(lambda _: httpx.Response(200)))
    assert await drills.throw("errors", is_on=True)


@pytest.mark.parametrize("host", ["192.0.2.7", "example.com", "localhost.example.com"])
def test_no_other_address_is_ever_asked(host: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        SandboxDrills(f"http://{host}:8090")


async def test_what_is_sent_is_the_name_and_whether_it_is_on() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200 if len(seen) == 1 else 400)

    drills = SandboxDrills("http://127.0.0.1:1", httpx.MockTransport(answer))
    assert await drills.throw("errors", is_on=True)
    assert not await drills.throw("nonsense", is_on=True)
    assert seen[0].url.path == "/sandbox/drills"
    assert json.loads(seen[0].content) == {"name": "errors", "on": True}
    assert not await SandboxDrills("http://127.0.0.1:9").throw("errors", is_on=True)
