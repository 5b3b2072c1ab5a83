"""The bundle: what helps, nothing that is a secret, an amount or a person."""

from __future__ import annotations

import io
import json
import logging
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from engine.adapters.logs.recent import RecentLines
from engine.adapters.secrets import Secret, Secrets
from engine.config import load_config
from engine.wiring import self_report
from engine.wiring.logs import open_logs
from engine.wiring.self_report import SelfReports
from tests.reports.book_maker import make_book

ACCOUNT = "5012345601"
SECRETS = Secrets(
    kis_app_key=Secret("PSplantedappkey"),
    kis_account=Secret(ACCOUNT),
    telegram_user_ids=(987654321,),
)
HEALTH = '{"status": "ok"}'


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The test's own handlers stay out of it."""
    root = logging.getLogger()
    former, root.handlers[:] = root.handlers[:], []
    yield
    root.handlers[:] = former


@pytest.fixture
async def data(tmp_path: Path) -> Path:
    await make_book(tmp_path / "paper.db", until=date(2025, 2, 14))
    (tmp_path / "broken.db").write_bytes(b"not a database" * 100)
    log = logging.getLogger("engine.test")
    with open_logs(tmp_path, SECRETS):
        log.warning("user 987654321 with PSplantedappkey, %s", "CANO=50123456")
    return tmp_path


async def bundle(data: Path) -> dict[str, str]:
    loaded = load_config(None)
    reports = SelfReports(data, SECRETS, RecentLines(), lambda: loaded, "1.2.3")
    with zipfile.ZipFile(io.BytesIO(await reports.bundle(HEALTH))) as found:
        return {name: found.read(name).decode() for name in found.namelist()}


async def test_it_holds_what_helps_and_no_database(data: Path) -> None:
    found = await bundle(data)
    assert set(found) == {
        *("ABOUT.txt", "config.txt", "versions.json", "databases.json", "orders.json"),
        *("health.json", "logs/dolpa.log"),
    }
    assert "order_settings.target_profit_rate = 3.0 (default)" in found["config.txt"]
    assert json.loads(found["versions.json"])["dolpa"] == "1.2.3"
    assert found["health.json"] == HEALTH


async def test_neither_secrets_nor_user_ids_are_in_its_logs(data: Path) -> None:
    told = (await bundle(data))["logs/dolpa.log"]
    assert "user *** with ***, CANO=***" in told


async def test_a_database_that_cannot_be_read_is_named_with_its_trouble(data: Path) -> None:
    found = json.loads((await bundle(data))["databases.json"])
    assert found["paper.db"]["version"] > 0
    assert "not a database" in found["broken.db"]["trouble"]


async def test_orders_tell_how_they_ended_without_price_shares_or_account(data: Path) -> None:
    told = (await bundle(data))["orders.json"]
    book = json.loads(told)["paper.db"]
    assert sum(book["counts"].values()) >= len(book["newest"]) > 0
    fields = {name for order in book["newest"] for name in order}
    assert fields == {
        *("client_order_id", "account", "desk", "exchange_date", "symbol", "side", "reason"),
        *("decided", "answer", "last"),
    }
    (account,) = {order["account"] for order in book["newest"]}
    assert re.fullmatch("[0-9a-f]{8}", account)


async def test_an_account_has_another_name_in_every_bundle(data: Path) -> None:
    names = {
        json.loads((await bundle(data))["orders.json"])["paper.db"]["newest"][0]["account"]
        for _ in range(2)
    }
    assert len(names) == 2


async def test_old_logs_are_left_out_beyond_a_bound(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(self_report, "MOST_LOG_BYTES", 1_000)
    (data / "logs" / "dolpa.log").write_text("x" * 900 + "the newest end\n" * 20)
    (data / "logs" / "dolpa.log.1").write_text("older")
    found = await bundle(data)
    sizes = [len(text) for name, text in found.items() if name.startswith("logs/")]
    assert sum(sizes) <= 1_000
    assert "the newest end" in found["logs/dolpa.log"]
