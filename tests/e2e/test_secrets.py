"""Whatever goes wrong, nothing that identifies the customer is written or said in clear."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import pytest

from sandbox.kis_rest import KisRest
from sandbox.model import Server
from sandbox.world import World
from tests.e2e.children import PASSPHRASE, Assistant, Json
from tests.e2e.stage import command, sandbox_within, started
from tests.e2e.trader import Sandbox, text_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

ORDER = "/order"
KAKAO = {
    "KAKAO_REST_API_KEY": "kk0planted1rest2api3key4kakao5kk",
    "KAKAO_REFRESH_TOKEN": "KkPlanted-refresh_token-of-kakao-0123456789",
}


@pytest.mark.parametrize("passphrase", [PASSPHRASE, pytest.param("", marks=pytest.mark.long)])
async def test_no_secret_is_found_in_any_log_message_or_file(
    tmp_path: Path, passphrase: str
) -> None:
    env = {"AUTOTRADE_MASTER_PASSPHRASE": passphrase, **KAKAO}
    said: dict[str, bytes] = {}
    async with sandbox_within(tmp_path) as (stage, world, rest):
        options = ("--log-level", "DEBUG")
        async with await started(stage, *options, env=env) as bot:
            await _trade_through_trouble(stage, world, bot)
            if passphrase:
                await _plant_in_config(stage, world)
            await _type_into_the_chat(stage, world)
            said |= await _ask_everything(stage, bot, env)
            await _crash(stage, bot)
        echoed = [hit.target for hit in world.faults.taken if hit.fault.kind == "echo"]
        assert len(echoed) == 6, echoed
        secrets = _secrets(stage, world, rest, passphrase)
        assert len(secrets) > 14
        chat = await _standing(stage)
        where = _written(tmp_path) | {"chat": json.dumps(chat).encode()}
        where["chat as said"] = json.dumps(chat, ensure_ascii=False).encode()
    where |= said
    assert {"data/logs/dolpa.log", "data/live.db", "bundle: orders.json"} <= where.keys()
    found = [
        f"{name} in {place}"
        for place, content in where.items()
        for name, secret in secrets.items()
        if any(form in content for form in _writings(secret))
    ]
    assert found == []
    assert (tmp_path / "data" / "tokens.enc").exists() == bool(passphrase)


async def _trade_through_trouble(stage: Sandbox, world: World, bot: Assistant) -> None:
    await stage.go_live()
    await stage.play(20)
    await stage.fault("ws", "plain_notice", target="H0GSCNI0")
    await stage.buy("AAPL", 5)
    await stage.buy("KO", 7)
    await stage.until_said("애플 (AAPL) 5주 매수 확인")
    await stage.until_said("코카콜라 (KO) 7주 매수 확인")
    for kind in ("token_killed", "http500_html", "truncated", "refuse"):
        await stage.fault("rest", kind, target="inquire-balance")
        typed = await stage.say("/positions")
        await stage.press("KIS 조회", after=typed)
        await stage.until_said("애플", after=typed)
    await _echo(stage)
    owner = world.credentials[Server.REAL]
    planted = f"거부 {owner.account} {owner.account[:8]}-{owner.account[8:]} {owner.hts_id}"
    await stage.fault("rest", "refuse_later", target=ORDER, value=planted)
    await stage.lift("AAPL", 8.0, 30)
    await stage.until_said("주문 거부", limit_s=20)
    await stage.until_said("애플 (AAPL) 매도 전량 체결", limit_s=20)
    await stage.fault("ws", "drop", target="real")
    assert bot.process.returncode is None


async def _echo(stage: Sandbox) -> None:
    """KIS repeats headers, body and account in its refusals, Telegram the address."""
    for code in ("EGW00002", "APBK0918"):
        await stage.fault("rest", "echo", target="inquire-balance", value=code)
        typed = await stage.say("/positions")
        await stage.press("KIS 조회", after=typed)
        await stage.until_said("애플", after=typed)
    await stage.fault("rest", "echo", target=ORDER, value="APBK0918")
    for method in ("sendMessage", "editMessageText", "getUpdates"):
        await stage.fault("telegram", "echo", target=method)
    await stage.say("/status")
    typed = await stage.say("/version")
    await stage.until_said("Dolpa", after=typed)


async def _ask_everything(
    stage: Sandbox, bot: Assistant, env: Mapping[str, str]
) -> dict[str, bytes]:
    """Whatever the assistant tells of itself, and every command beside it."""
    stage.configure()
    _, health = await bot.health()
    said = {"health": json.dumps(health).encode()}
    typed = await stage.say("/logs 50")
    assert "order" in text_of(await stage.until_said("로그 (KST)", after=typed))
    typed = await stage.say("/bundle")
    await stage.press("확인", after=typed)

    async def look() -> Json | None:
        sent = await stage.spoken(typed)
        return next((one for one in sent if "document" in one["content"]), None)

    document = (await stage.until(look, "no bundle came"))["content"]["document"]
    address = f"{stage.url}/sandbox/telegram/file/{document['file_id']}"
    said |= _unpacked("bundle", (await stage.http.get(address)).content)
    copy = stage.home / "copy.zip"
    if env["AUTOTRADE_MASTER_PASSPHRASE"]:
        _, printed = await command(stage, "secrets", "import", str(stage.home / ".env"), env=env)
        said["secrets import, as printed"] = printed.encode()
        assert (stage.data / "secrets.enc").exists(), printed
    for word, *more in (
        ("backup", str(copy)),
        ("check-config",),
        ("doctor",),
        ("secrets", "list"),
    ):
        code, printed = await command(stage, word, *more, env=env)
        assert code == 0 or word in ("doctor", "secrets"), printed
        said[f"{word}, as printed"] = printed.encode()
    return said | _unpacked("backup", copy.read_bytes())


def _unpacked(name: str, content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {f"{name}: {one}": archive.read(one) for one in archive.namelist()}


def _writings(secret: str) -> set[bytes]:
    """As it is, and as addresses, JSON and Base64 write it, wherever in a content it begins."""
    raw = secret.encode()
    forms = {raw, quote(secret, safe="").encode(), json.dumps(secret)[1:-1].encode()}
    for lead in range(3):
        first, whole = -(-lead * 4 // 3), (lead + len(raw)) * 8 // 6
        coded = base64.b64encode(bytes(lead) + raw)[first:whole]
        forms |= {coded, coded.replace(b"+", b"-").replace(b"/", b"_")}
    return forms


async def _plant_in_config(stage: Sandbox, world: World) -> None:
    """Pasted into the wrong file by a tired trader."""
    owner = world.credentials[Server.REAL]
    dashed = f"{owner.account[:8]}-{owner.account[8:]}"
    for value in (owner.hts_id, dashed):
        typed = await stage.say("/version")
        stage.configure(f"order_settings: {{sell_price: {value}}}")
        await stage.until_said("config.yaml을 적용하지 않았습니다", after=typed)


async def _type_into_the_chat(stage: Sandbox, world: World) -> None:
    """Each is deleted and told of; where Telegram refuses, the trader is asked to delete it."""
    owner = world.credentials[Server.REAL]
    for text in (f"/set app_key {owner.app_key}", owner.app_secret, owner.hts_id, owner.account):
        typed = await stage.say(text)
        await stage.until_said("채팅에서 지웠습니다", after=typed)
    await stage.fault("telegram", "unauthorized", target="deleteMessage")
    typed = await stage.say(f"/sell {owner.account[:8]}")
    await stage.until_said("직접 지워 주세요", after=typed)


async def _standing(stage: Sandbox) -> Json:
    """The chat less what the trader typed; four of those messages are gone from it."""
    chat = await stage.transcript()
    typed = [message for message in chat["messages"] if not message["from"].get("is_bot")]
    assert sum(message["deleted_at"] is not None for message in typed) == 4
    return {**chat, "messages": [one for one in chat["messages"] if one not in typed]}


async def _crash(stage: Sandbox, bot: Assistant) -> None:
    """A book that cannot be written is fatal: traceback, exit 1."""
    with closing(sqlite3.connect(stage.data / "live.db", isolation_level=None)) as thief:
        thief.execute("BEGIN IMMEDIATE")
        await stage.say("/pause")
        assert await bot.exit_code() == 1
    assert "Traceback" in bot.words


def _secrets(stage: Sandbox, world: World, rest: KisRest, passphrase: str) -> dict[str, str]:
    found = {"bot token": stage.secrets()["TELEGRAM_BOT_TOKEN"]}
    for server, owner in world.credentials.items():
        found |= {
            f"{server} app key": owner.app_key,
            f"{server} app secret": owner.app_secret,
            f"{server} account": owner.account,
            f"{server} account, eight digits": owner.account[:8],
            f"{server} account, halves turned": owner.account[8:] + owner.account[:8],
            f"{server} HTS id": owner.hts_id,
            f"{server} holder": owner.holder,
        }
    found |= {f"token {number}": text for number, text in enumerate(rest.tokens._known)}
    found |= {f"approval {number}": key for number, key in enumerate(world.approvals._issued)}
    found |= {"passphrase": passphrase} if passphrase else {}
    return found | KAKAO


def _written(home: Path) -> dict[str, bytes]:
    """Every file but the two that hold secrets by design: .env, and the edited config.yaml."""
    kept = {".env", "config.yaml"}
    files = [path for path in home.rglob("*") if path.is_file() and path.name not in kept]
    return {str(path.relative_to(home)): path.read_bytes() for path in files}
