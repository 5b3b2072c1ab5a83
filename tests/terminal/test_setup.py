"""The wizard in a pseudo-terminal, against the sandbox: from nothing to a contented doctor."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.secrets import PASSPHRASE, Secret, SecretStore
from engine.config import load_config
from tests.e2e.children import run
from tests.e2e.stage import sandbox
from tests.e2e.trader import OWNER, STRANGER, Sandbox
from tests.terminal.terminal import Wizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

REAL = ("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO")
PAPER = ("KIS_PAPER_APP_KEY", "KIS_PAPER_APP_SECRET", "KIS_PAPER_ACCOUNT_NO")
PAIRING = r"\?start=([A-Z2-9]{8})"
WORDS = "five quite random words here"


def later(*values: object) -> Any:
    """Played with what takes minutes."""
    return pytest.param(*values, marks=pytest.mark.long)


class Beginner:
    """Somebody with a phone, a KIS account and no file yet; the sandbox's .env is their notes."""

    def __init__(self, stage: Sandbox) -> None:
        self.stage = stage
        notes = stage.secrets().items()
        self.notes = {name: text for name, text in notes if not name.startswith("KAKAO_")}
        (stage.home / ".env").unlink()

    @property
    def store(self) -> Path:
        return self.stage.data / "secrets.enc"

    def kept(self) -> dict[str, str]:
        store = SecretStore.open(self.store, Secret(WORDS))
        return {name: entry.value.reveal() for name, entry in store.entries.items()}

    def files(self) -> dict[str, bytes]:
        found = [path for path in self.stage.home.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(self.stage.home)): path.read_bytes()
            for path in found
            if path.name not in {"demo.json", "state.db", "state.db-wal", "state.db-shm"}
        }

    def shown(self, wizard: Wizard) -> list[str]:
        """Secrets that the screen or a file shows."""
        secrets = {**self.notes, "passphrase": WORDS}
        del secrets["TELEGRAM_CHAT_ID"]
        where = {"screen": wizard.screen.encode(), **self.files()}
        return [
            f"{name} in {place}"
            for place, content in where.items()
            for name, value in secrets.items()
            if value.encode() in content or value[:8].encode() in content
        ]

    def script(self) -> list[tuple[str, str]]:
        """Questions in order, each with its answer; the code is sent by phone."""
        return [
            *(("Language", "en"), ("Choose the passphrase", WORDS), ("Once more", WORDS)),
            *(("Into the file", ""), ("paste the token", self.notes["TELEGRAM_BOT_TOKEN"])),
            *((PAIRING, ""), ("real account", "")),
            *((name, self.notes[name]) for name in REAL),
            ("paper account", "yes"),
            *((name, self.notes[name]) for name in PAPER),
            *((r"HTS id \(", self.notes["KIS_HTS_ID"]), ("Desks", "krx, us")),
            *(("Largest order", "500,000"), ("Largest daily loss", "100000")),
            ("Positions", "3"),
        ]

    async def answer_until(self, last: str, wizard: Wizard) -> None:
        """Everything before that question; it is shown when this returns."""
        for question, text in self.script():
            found = await wizard.until(question if question == PAIRING else f"{question}[^\n]*: $")
            if question == last:
                return
            if question == PAIRING:
                await self.stage.say(f"/start {found[1]}")
            else:
                wizard.type(text + "\n")


async def test_from_nothing_to_a_contented_doctor(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)
        beginner = Beginner(stage)
        stage.config.write_text(stage.config.read_text() + "# mine\n", encoding="utf-8")
        async with Wizard(tmp_path) as wizard:
            await beginner.answer_until("", wizard)
            code = await wizard.code()
        assert wizard.screen.count("✅ Account: 0 Korean holding(s), 0 US") == 2
        assert code == 0, wizard.screen
        doctor, _, last = wizard.screen.partition("7/8")[2].partition("8/8")
        assert "Start it: python3 run.py bot" in last
        assert "AUTOTRADE_MASTER_PASSPHRASE" in last  # it was kept nowhere
        assert "FAIL" not in doctor
        assert "real account" in doctor
        notes = {**beginner.notes, "KIS_ACCOUNT_NO": "", "KIS_PAPER_ACCOUNT_NO": ""}
        assert {**beginner.kept(), "KIS_ACCOUNT_NO": "", "KIS_PAPER_ACCOUNT_NO": ""} == notes
        config = load_config(stage.config).config
        assert config.language == "en"
        assert config.domestic.enabled
        assert (config.risk.max_order_krw, config.risk.max_daily_loss_krw) == (500000, 100000)
        assert config.risk.max_positions == 3
        assert "# mine" in stage.config.read_text()
        assert not (tmp_path / ".env").exists()
        await stage.until_said("Paired")
        for name, value in {**beginner.notes, "passphrase": WORDS}.items():
            assert name == "TELEGRAM_CHAT_ID" or value not in wizard.screen
            held = [
                where for where, content in beginner.files().items() if value.encode() in content
            ]
            assert name == "TELEGRAM_CHAT_ID" or held == []


@pytest.mark.long
async def test_each_wrong_answer_is_explained_and_asked_again(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)
        beginner = Beginner(stage)
        async with Wizard(tmp_path) as wizard:
            await choose_badly(wizard)
            await mistake_the_bot(beginner, wizard)
            await pair_badly(beginner, wizard)
            await mistake_the_keys(beginner, wizard)
            await wizard.answer(r"HTS ID \(", "홍길동")
            await wizard.until("HTS ID는 영문·숫자")
            await wizard.answer(r"HTS ID \(", beginner.notes["KIS_HTS_ID"])
            await mistake_the_limits(wizard)
            code = await wizard.code()
        assert code == 0, wizard.screen
        assert beginner.shown(wizard) == []
        assert set(beginner.kept()) == {
            *("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO", "KIS_HTS_ID"),
            *("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID"),
        }


async def choose_badly(wizard: Wizard) -> None:
    question = r"새 마스터 암호|마스터 암호를 정하세요[^:]*: "
    await wizard.answer(r"Language \[ko/en\] \[ko\]: ", "fr")
    await wizard.until(r"ko\(한국어\) 또는 en")
    await wizard.answer(r"Language \[ko/en\] \[ko\]: ", "한국어")
    await wizard.answer(question, "short")
    await wizard.until("12자 이상이어야")
    await wizard.answer(question, WORDS)
    await wizard.answer("한 번 더: ", WORDS[::-1])
    await wizard.until("두 암호가 다릅니다")
    await wizard.answer(question, WORDS)
    await wizard.answer("한 번 더: ", WORDS)
    await wizard.until("'예'라고 하면")
    await wizard.answer(r"저장할까요\? \[아니오\]: ", "글쎄")
    await wizard.until("예 또는 아니오로")
    await wizard.answer(r"저장할까요\? \[아니오\]: ", "아니오")


async def mistake_the_bot(beginner: Beginner, wizard: Wizard) -> None:
    question = "토큰을 붙여 넣으세요[^:]*: "
    token = beginner.notes["TELEGRAM_BOT_TOKEN"]
    await wizard.answer(question, "my bot")
    await wizard.until("봇 토큰 모양이 아닙니다")
    await wizard.answer(question, token[:-4] + "zzzz")
    await wizard.until(r"401.*BotFather")
    await wizard.until(question)
    await beginner.stage.fault("telegram", "bad_gateway", target="getMe")
    wizard.type(token + "\n")
    await wizard.until("1분 뒤 다시")
    await wizard.answer(question, token)


async def pair_badly(beginner: Beginner, wizard: Wizard) -> None:
    stage = beginner.stage
    await stage.fault("telegram", "conflict", target="getUpdates")
    await wizard.until("다른 프로그램이 이 봇을")
    await stage.fault("telegram", "bad_gateway", target="getUpdates")
    code = (await wizard.until(r"\?start=([A-Z2-9]{8})"))[1]
    await stage.say("/start")
    await stage.say("ABCDEFGH", STRANGER)
    await stage.post("/sandbox/telegram/update", raw={"message": in_group(code)})
    await wizard.until("그룹에서 보낸 코드는 받지 않습니다")
    await stage.say(code.lower())
    await wizard.until(f"연결됐습니다 \\(사용자 {OWNER}\\)")


def in_group(code: str) -> dict[str, object]:
    return {
        "message_id": 9_000,
        "date": 1,
        "chat": {"id": -100, "type": "group", "title": "G"},
        "from": {"id": OWNER, "is_bot": False, "first_name": "T"},
        "text": f"/start {code}",
    }


async def mistake_the_keys(beginner: Beginner, wizard: Wizard) -> None:
    stage, notes = beginner.stage, beginner.notes
    key, secret, account = (notes[name] for name in REAL)
    ask_key, ask_secret, ask_account = (f"{name} \\(보이지 않음\\): " for name in REAL)
    await wizard.answer(r"실전 계좌를[^:]*: ", "아니오")
    await wizard.answer(r"모의투자 계좌를[^:]*: ", "")
    await wizard.until("둘 중 하나는")
    await wizard.answer(r"실전 계좌를[^:]*: ")
    await wizard.answer(ask_key, "PSshort")
    await wizard.until("KIS 키 모양이 아닙니다")
    await wizard.answer(ask_key, key[::-1])
    await wizard.answer(ask_secret, secret)
    await wizard.answer(ask_account, "1234")
    await wizard.until("12345678-01 모양")
    await wizard.answer(ask_account, account)
    await wizard.until(r"앱키를 거부.*\[EGW00103\]")
    await wizard.answer(ask_key, notes["KIS_PAPER_APP_KEY"])
    await wizard.answer(ask_secret, notes["KIS_PAPER_APP_SECRET"])
    await wizard.until("이것은 모의투자 키")
    await wizard.answer(ask_key, key)
    await wizard.answer(ask_secret, secret[::-1])
    await wizard.answer(ask_account, "11112222-01")
    await wizard.until(r"앱시크릿을 거부.*\[EGW00105\]")
    await stage.fault("rest", "refuse", target="/oauth2/tokenP", value="EGW00133")
    await wizard.answer(ask_secret, secret)
    await wizard.until("60초 기다렸다가")
    await wizard.until(r"이 계좌가 아닙니다.*\[OPSQ2000\]")
    await stage.fault("rest", "http500_html", target="inquire-balance", times=0)
    await wizard.answer(ask_account, account)
    await wizard.until("KIS가 지금 답하지 못합니다")
    await stage.end_faults()
    await stage.fault("rest", "refuse", target="TTTS3012R", value="EGW00206")
    await wizard.answer("다시 하려면 Enter: ")
    await wizard.until(r"⚠️ 미국: .*신청하지 않았습니다")
    await wizard.until("계좌 확인: 국내 0종목, 미국 -종목")
    await wizard.answer(r"모의투자 계좌를[^:]*: ")


async def mistake_the_limits(wizard: Wizard) -> None:
    await wizard.answer(r"데스크 \(krx, us, krx,us\) \[us\]: ", "moon")
    await wizard.until("허용: krx, us")
    await wizard.answer(r"데스크 \(krx, us, krx,us\) \[us\]: ")
    for question, wrong in (("최대 금액", "9"), ("최대 손실", "조금"), ("최대 보유", "99")):
        await wizard.answer(f"{question}.*\\]: ", wrong)
        await wizard.until("허용: ")
        await wizard.answer(f"{question}.*\\]: ")


@pytest.mark.long
async def test_run_again_it_keeps_what_is_there(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)
        beginner = Beginner(stage)
        env = {**beginner.notes, PASSPHRASE: WORDS}
        code, printed = await run(
            tmp_path, "setup", "--unattended", "--max-positions", "2", env=env
        )
        assert code == 0, printed
        assert "FAIL" not in printed
        assert set(beginner.kept()) == set(beginner.notes)
        assert load_config(stage.config).config.risk.max_positions == 2
        before = beginner.files()
        async with Wizard(tmp_path) as wizard:
            await wizard.answer(r"Language \[ko/en\] \[ko\]: ")
            await wizard.answer("마스터 암호 \\(보이지 않음\\): ", "not these words")
            await wizard.until("저장소가 열리지 않습니다")
            await wizard.answer("마스터 암호 \\(보이지 않음\\): ", WORDS)
            there = ("TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_ID", "KIS_APP_KEY", PAPER[0], "KIS_HTS")
            for name in there:
                await wizard.answer(f"{name}.*이미 있습니다\\(secrets.enc\\).*: ")
            for question in ("데스크", "최대 금액", "최대 손실", "최대 보유"):
                await wizard.answer(f"{question}.*\\]: ")
            assert await wizard.code() == 0, wizard.screen
        assert beginner.files() == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"KIS_APP_SECRET": "x" * 180}, "EGW00105"),
        later({"TELEGRAM_BOT_TOKEN": "424242:" + "x" * 35}, "401"),
        later({"TELEGRAM_CHAT_ID": "-100"}, "그룹"),
        later({PASSPHRASE: ""}, PASSPHRASE),
        later({PASSPHRASE: "short"}, "12"),
        later({"KIS_APP_KEY": "", "KIS_APP_SECRET": "", "KIS_ACCOUNT_NO": ""}, "KIS_APP_KEY"),
    ],
)
async def test_unattended_the_first_wrong_answer_is_exit_2_and_changes_nothing(
    tmp_path: Path, change: dict[str, str], told: str
) -> None:
    async with sandbox(tmp_path) as stage:
        beginner = Beginner(stage)
        before = beginner.files()
        env = {**beginner.notes, PASSPHRASE: WORDS, **change}
        if "KIS_APP_KEY" in change:
            env = {name: text for name, text in env.items() if "PAPER" not in name}
        code, printed = await run(tmp_path, "setup", "--unattended", env=env)
        assert code == 2
        assert told in printed
        assert beginner.files() == before
        assert not any(value in printed for value in change.values() if len(value) > 30)


@pytest.mark.parametrize(
    ("option", "told"), [("--desks=jp", "데스크: 허용: krx, us"), ("--max-positions=0", "허용: ")]
)
async def test_a_wrong_option_is_refused_before_the_first_question(
    tmp_path: Path, option: str, told: str
) -> None:
    code, printed = await run(tmp_path, "setup", option)
    assert code == 2
    assert told in printed
    assert "1/8" not in printed


@pytest.mark.parametrize(
    "step",
    [
        PAIRING,
        *map(later, ("Language", "Once more", "paste the token", "KIS_APP_SECRET")),
        *map(later, (r"HTS id \(", "Positions")),
    ],
)
async def test_ctrl_c_changes_nothing(tmp_path: Path, step: str) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)
        beginner = Beginner(stage)
        before = beginner.files()
        async with Wizard(tmp_path) as wizard:
            await beginner.answer_until(step, wizard)
            wizard.interrupt()
            assert await wizard.code() == 1
        assert re.search("중단했습니다|Broken off", wizard.screen)
        assert "Traceback" not in wizard.screen
        assert beginner.files() == before
