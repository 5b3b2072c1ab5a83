"""The whole process, chat included, beside the sandbox's messengers, in stepped time."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import bot.app
from bot.chat import ChatSettings, ChatStores, HumanTime
from bot.format import card, replies
from bot.format.lang import Lang
from bot.process import Process, ProcessSettings
from engine.adapters.clocks import LoopClock
from engine.adapters.secrets import Secret
from engine.model.ids import DeskName, Mode
from engine.wiring import Paths, open_assembly
from sandbox.http import serve
from sandbox.kakao_api import KakaoApi
from sandbox.kakao_store import KakaoApp, KakaoStore
from sandbox.model import Fault
from sandbox.scenario import Scenario, build
from sandbox.telegram_api import ChatUser, TelegramApi
from tests.fakes.painter import FakePainter
from tests.faults.house import SILENT
from tests.harness.stage import CONFIG, Stage, secrets_of
from tests.harness.stepped_loop import SteppedLoop

OWNER = 10_001
TOKEN = "123456:a-token-of-the-sandbox_0123456789"
MARK = replies.repeated(Lang.KO)
KAKAO = KakaoApp("kakao-key", "kakao-refresh-token")
TALK = """
kakao: {{enabled: true, auth_base_url: "{url}/kakao/auth", api_base_url: "{url}/kakao/api"}}
"""
LIVE_BADGE, GREETING = "[실전]", "Dolpa test"


@dataclass(frozen=True, slots=True)
class Telephone:
    """What the owner sees."""

    api: TelegramApi
    talk: KakaoApi

    def complaints(self, s: Stage, *, may_repeat: bool) -> list[str]:
        """Alerts that never came, came twice, or came again without saying so."""
        said = (message.text for message in self.api.chat.from_bot(OWNER))
        texts = [text for text in said if card.MARK not in text]
        copies = Counter(text.replace(f"{MARK}\n", "") for text in texts)
        plain = Counter(text for text in texts if MARK not in text)
        found = [f"{n} x without a mark: {text}" for text, n in plain.items() if n > 1]
        if not may_repeat:
            found += [f"{n} x: {text}" for text, n in copies.items() if n > 1]
        seen = sum(text.startswith(LIVE_BADGE) and GREETING not in text for text in copies)
        due = len([kind for kind in s.kinds() if kind not in SILENT])
        if seen != due:
            found.append(f"{seen} of {due} alerts came")
        return found


@asynccontextmanager
async def chat_stage(
    loop: SteppedLoop,
    data: Path,
    scenario: Scenario,
    trouble: tuple[Fault, ...] = (),
    *,
    with_kakao: bool = False,
) -> AsyncIterator[tuple[Stage, Telephone]]:
    """Open the world, Telegram, Kakao and the process; live when it is yielded.

    ``trouble`` is there before the process starts.
    """
    world = build(replace(scenario, time_source=loop.time))
    for fault in trouble:
        world.faults.add(fault)
    api = TelegramApi(world.faults, token=TOKEN, users=[ChatUser(OWNER)], now=world.clock.now)
    talk = KakaoApi(world.faults, KakaoStore(KAKAO, world.clock.now))
    running = await serve(world, telegram=api, kakao=talk)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / "config.yaml"
    ws = running.url.replace("http", "ws", 1)
    second = TALK.format(url=running.url) if with_kakao else ""
    path.write_text(CONFIG.format(url=running.url, ws=ws, target="3.0") + second)
    clock = LoopClock(scenario.start, loop.time)
    opened = open_assembly(
        Paths(data, path),
        replace(
            secrets_of(world),
            kakao_rest_api_key=Secret(KAKAO.rest_api_key),
            kakao_refresh_token=Secret(KAKAO.refresh_token),
        ),
        clock,
        version="test",
        end_program=_nobody,
    )
    async with AsyncExitStack() as stack:
        stack.enter_context(patch.object(bot.app, "Painter", _Painter))
        with loop.held():
            assembly, _ = await stack.enter_async_context(opened)
        loop.watch(lambda: assembly.pending() > 0)
        kept = assembly.stores
        stores = ChatStores(kept.nonces, kept.values, kept.outbox, data)
        chat = ChatSettings(
            (OWNER,),
            base_url=f"{running.url}/telegram/bot",
            base_file_url=f"{running.url}/telegram/file/bot",
        )
        human = HumanTime(clock.now, loop.time, asyncio.sleep)
        settings = ProcessSettings("127.0.0.1", 0, chat, TOKEN)
        process = Process(assembly, stores, settings, human)
        serving = loop.create_task(process.run())
        await asyncio.sleep(2)
        offer = await assembly.control.switch_mode(DeskName.US, Mode.LIVE, OWNER)
        assert not offer.refusal, offer
        try:
            yield Stage(loop, world, running, assembly, data, scenario.start), Telephone(api, talk)
            assert not serving.done(), serving
        finally:
            process.end()
            await asyncio.gather(serving, return_exceptions=True)
            with loop.held():
                await stack.aclose()
                await running.close()


class _Painter(FakePainter):
    """No pictures: a child would draw them by the clock on the wall, most often after the end."""

    def __init__(self, fonts: Path) -> None:
        del fonts
        super().__init__()
        self.fails = True


def _nobody() -> None:
    """Nobody types /stop all here."""
