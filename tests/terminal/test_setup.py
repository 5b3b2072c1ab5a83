"""The wizard in a pseudo-terminal, against the sandbox: from nothing to a contented doctor."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.adapters.secrets import Secret, SecretStore
from engine.config import load_config
from tests.e2e.stage import sandbox
from tests.e2e.trader import OWNER, Sandbox
from tests.terminal.terminal import Wizard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

WORDS = "five quite random words here"


class Beginner:
    """Somebody with a phone, a KIS account and no file yet; the sandbox's .env is their notes."""

    def __init__(self, stage: Sandbox) -> None:
        self.stage = stage
        self.notes = stage.secrets()
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

    async def choose_passphrase(self, wizard: Wizard) -> None:
        await wizard.answer(r"Language \[ko/en\] \[ko\]: ", "en")
        await wizard.answer(r"Choose the passphrase[^:]*: .*\(not shown\): ", WORDS)
        await wizard.answer("Once more: ", WORDS)
        await wizard.answer(r"Into the file\? \[no\]: ")

    async def pair(self, wizard: Wizard) -> None:
        code = (await wizard.until(r"\?start=([A-Z2-9]{8})"))[1]
        await self.stage.say(f"/start {code}")
        await wizard.until(f"Paired \\(user {OWNER}\\)")

    async def give_keys(self, wizard: Wizard, side: str = "") -> None:
        for name in ("APP_KEY", "APP_SECRET", "ACCOUNT_NO"):
            full = f"KIS_{side}{name}"
            await wizard.answer(f"{full} \\(not shown\\): ", self.notes[full])

    async def take_defaults(self, wizard: Wizard) -> None:
        for question in (r"Desks [^\[]*\[us\]", "Largest order", "Largest daily loss", "Positions"):
            await wizard.answer(f"{question}[^:]*: ")


async def test_from_nothing_to_a_contented_doctor(tmp_path: Path) -> None:
    async with sandbox(tmp_path) as stage:
        await stage.play(60)
        beginner = Beginner(stage)
        stage.config.write_text(stage.config.read_text() + "# mine\n", encoding="utf-8")
        async with Wizard(tmp_path) as wizard:
            await beginner.choose_passphrase(wizard)
            await wizard.answer("paste the token[^:]*: ", beginner.notes["TELEGRAM_BOT_TOKEN"])
            await wizard.until("✅ @sandbox_bot")
            await beginner.pair(wizard)
            await wizard.answer(r"real account\?[^:]*: ")
            await beginner.give_keys(wizard)
            await wizard.until("✅ Account: ")
            await wizard.answer(r"paper account[^:]*: ", "yes")
            await beginner.give_keys(wizard, "PAPER_")
            await wizard.until("✅ Account: ")
            await wizard.answer("HTS id \\(for[^:]*: [^:]*: ", beginner.notes["KIS_HTS_ID"])
            await wizard.answer(r"Desks [^\[]*\[us\]: ", "krx, us")
            await wizard.answer("Largest order[^:]*: ", "500,000")
            await wizard.answer("Largest daily loss[^:]*: [^:]*: ", "100000")
            await wizard.answer("Positions at most[^:]*: ", "3")
            code = await wizard.code()
        assert code == 0, wizard.screen
        doctor = wizard.screen.partition("7/8")[2]
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
