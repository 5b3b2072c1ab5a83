"""config.yaml: what is read, what is refused, and how the refusal helps."""

from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config import CHECKS, Config, Source, as_lines, load_config, us_settings
from engine.config.effect import after_reload, applies_at_next_start
from engine.config.shown import value_text
from engine.errors import ConfigError
from engine.model.ids import Mode, Symbol
from engine.model.settings import UsSettings

ROOT = Path(__file__).resolve().parent.parent.parent

OLD_SYSTEM = """
system:
  name: "us-auto-sell"
  debug: no
api:
  base_url: "https://openapi.koreainvestment.com:9443"
  websocket_url: "ws://ops.koreainvestment.com:21000"
  timeout: 30
order_settings:
  target_profit_rate: 3.0
  order_type: "00"
  sell_ratio: 1.0
trading:
  timezone: "US/Eastern"
  exchange_code: "NASD"
  premarket_start: 04:00
  premarket_end: 09:30
  regular_start: "09:30"
  regular_end: "16:00"
rate_limit:
  requests_per_second: 20
  daily_limit: 5000
telegram:
  enabled: true
websocket: {reconnect_attempts: 5, ping_interval: 30}
polling: {min_interval: 3, max_interval: 10}
database: {path: data/trades.db}
logging:
  level: INFO
  handlers: [{file: logs/app.log, size: 10485760}]
notifications:
  on_sell: true
"""


def write(directory: Path, text: str) -> Path:
    path = directory / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def refusal(directory: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load_config(write(directory, text))
    return str(caught.value)


def leaves(section: object, prefix: str = "") -> set[str]:
    found: set[str] = set()
    assert is_dataclass(section)
    for part in fields(section):
        value, key = getattr(section, part.name), prefix + part.name
        found |= leaves(value, key + ".") if is_dataclass(value) else {key}
    return found


def test_every_key_of_the_sections_has_a_check_and_no_check_is_left_over() -> None:
    assert leaves(Config()) == set(CHECKS)


def test_every_default_passes_its_own_check() -> None:
    config = load_config(None).config
    for line in as_lines(load_config(None)):
        key, _, rest = line.partition(" = ")
        if not key.startswith("calendar."):
            text = rest.rpartition(" (")[0]
            assert value_text(CHECKS[key].read(text)) == text
    assert config == Config()


def test_the_shipped_file_holds_every_key_with_its_default() -> None:
    loaded = load_config(ROOT / "config.yaml")
    assert loaded.config == Config()
    assert [key for key in CHECKS if loaded.sources[key] is not Source.FILE] == []
    assert loaded.notices == ()


def test_the_defaults_are_the_desks_own() -> None:
    assert us_settings(Config()) == UsSettings()


def test_the_file_of_the_old_system_loads_as_it_is(tmp_path: Path) -> None:
    loaded = load_config(write(tmp_path, OLD_SYSTEM))
    config = loaded.config
    assert config.order_settings.target_profit_rate == Decimal("3.0")
    assert config.rate_limit.requests_per_second == 18
    assert config.rate_limit.daily_limit == 5000
    assert (config.trading.timezone, config.trading.exchange_code) == ("US/Eastern", "NASD")
    assert us_settings(config) == UsSettings()
    ignored, taken = loaded.notices
    for name in ("logging", "database", "order_settings.sell_ratio", "trading.regular_end"):
        assert name in ignored
    assert "20" in taken
    assert "18" in taken


def test_an_empty_file_and_empty_sections_are_all_defaults(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")).config == Config()
    assert load_config(write(tmp_path, "# nothing\ntrading:\nrisk: {}\n")).config == Config()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("order_settings: {target_profit_rat: 4}", ("target_profit_rat", "target_profit_rate?")),
        ("target_profit_rate: 4", ("unknown key", "order_settings.target_profit_rate?")),
        ("risk: {max_loss: 4}", ("risk.max_loss", "unknown key")),
        ("order_settings: {target_profit_rate: 0}", ("'0'", "0.1 - 50")),
        ("order_settings: {target_profit_rate: 50.1}", ("'50.1'", "0.1 - 50")),
        ("order_settings: {target_profit_rate: .nan}", ("'.nan'", "0.1 - 50")),
        ("order_settings: {target_profit_rate: 1e1}", ("'1e1'", "0.1 - 50")),
        ("order_settings: {target_profit_rate: [3]}", ("a list", "0.1 - 50")),
        ("order_settings: {target_profit_rate: }", ("target_profit_rate", "0.1 - 50")),
        ("order_settings: 3", ("order_settings", "a section")),
        ("order_settings: {sell_price: ask}", ("'ask'", "bid | target | last")),
        ("order_settings: {targets: {AAPL: 60}}", ("order_settings.targets", "0.1 - 50")),
        ("order_settings: {targets: {'005930': 3}}", ("order_settings.targets", "SYMBOL")),
        ("mode: fast", ("mode", "dry_run | paper | live")),
        ("mode: null", ("mode", "dry_run | paper | live")),
        ("trading: {enabled: maybe}", ("trading.enabled", "true | false")),
        ("trading: {window_end: 11:00}", ("'11:00'", "12:00", "fixed")),
        ("trading: {premarket_start: 240}", ("'240'", "04:00")),
        ("trading: {polling_min_s: 11}", ("polling_min_s", "11", "polling_max_s", "10")),
        ("rate_limit: {requests_per_second: 21}", ("'21'", "1 - 20")),
        ("rate_limit: {requests_per_second: 9, safe_per_second: 10}", ("safe_per_second", "9")),
        ("rate_limit: {safe_per_day: 5001}", ("safe_per_day", "5001", "daily_limit", "5000")),
        ("rate_limit: {safe_per_hour: 4501}", ("safe_per_hour", "4501", "safe_per_day")),
        ("api: {base_url: 'ftp://localhost'}", ("api.base_url", "http://host")),
        ("api: {base_url: 'http://user:pass@host'}", ("api.base_url", "https://host")),
        ("api: {base_url: 'http://'}", ("api.base_url", "http://host")),
        ("api: {websocket_url: 'http://localhost'}", ("api.websocket_url", "ws://host")),
        ("health: {port: 65536}", ("health.port", "0 - 65535")),
        ("calendar: {us: {closed: [2026-02-30]}}", ("calendar.us.closed", "YYYY-MM-DD")),
        ("calendar: {us: {early_close: {2026-02-03: 25:00}}}", ("early_close", "HH:MM")),
        ("mode: paper\nmode: live", ("line 2", "twice")),
        ("a: &x 1\nb: *x", ("line 1", "anchors")),
        ("a: *x", ("line 1", "aliases")),
        ("mode: [", ("line",)),
        ("- mode", ("key: value",)),
        ("? [a]\n: 1", ("a key must be text",)),
        ("[" * 2000, ("nested",)),
        ("mode: paper\n---\nmode: live", ("config.yaml",)),
    ],
)
def test_a_bad_file_is_refused_with_file_key_and_what_is_allowed(
    tmp_path: Path, text: str, parts: tuple[str, ...]
) -> None:
    message = refusal(tmp_path, text)
    assert "config.yaml" in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize(
    "text",
    [
        "kis: {app_secret: hunter2hunter2}",
        "telegram: {base_url: 123456789:AAaaBBbbCCccDDddEEeeFFffGGgg}",
        "mode: 12345678-01",
        "mode: hunter2hunter2hunter2hunter2",
        "mode: 'hunter2\n bla: 'x",
    ],
)
def test_a_secret_that_strayed_into_the_file_is_not_repeated(tmp_path: Path, text: str) -> None:
    message = refusal(tmp_path, text)
    for secret in ("hunter2", "AAaaBB", "12345678"):
        assert secret not in message


def test_a_file_that_is_missing_too_large_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml"):
        load_config(tmp_path / "nowhere.yaml")
    assert "64 KiB" in refusal(tmp_path, "# " + "x" * 65_536)
    (tmp_path / "config.yaml").write_bytes(b"mode: \xff\n")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "config.yaml")


def test_unquoted_times_and_strange_symbols_mean_what_they_say(tmp_path: Path) -> None:
    text = """
order_settings: {targets: {ON: 4, aapl: 5.5, BRK.B: 7}}
trading: {window_end: 12:00, premarket_start: 4:00, enabled: off}
calendar: {us: {closed: [2026-12-31], early_close: {2026-12-30: 13:00}}}
"""
    config = load_config(write(tmp_path, text)).config
    assert config.order_settings.targets == {
        Symbol("ON"): Decimal(4),
        Symbol("AAPL"): Decimal("5.5"),
        Symbol("BRK.B"): Decimal(7),
    }
    assert config.trading.enabled is False
    assert config.calendar.us.closed == {date(2026, 12, 31)}
    assert config.calendar.us.early_close == {date(2026, 12, 30): time(13)}


def test_unset_caps_stay_below_the_ones_that_are_set(tmp_path: Path) -> None:
    text = "rate_limit: {requests_per_second: 4, daily_limit: 300}"
    rates = load_config(write(tmp_path, text)).config.rate_limit
    assert (rates.safe_per_second, rates.safe_per_day, rates.safe_per_hour) == (4, 270, 270)


@given(st.decimals("0.1", "50", places=6))
def test_a_number_is_taken_exactly_as_written(value: Decimal) -> None:
    loaded = load_config(None, {"order_settings.target_profit_rate": f"{value:f}"})
    assert us_settings(loaded.config).target_pct == value


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_value_or_a_refusal_for_every_key(text: str) -> None:
    for key in CHECKS:
        refused = ""
        try:
            load_config(None, {key: text})
        except ConfigError as error:
            refused = str(error)
        assert not refused or key.rpartition(".")[2] in refused


@pytest.mark.parametrize(
    "text",
    [
        r'language: "\UFFFFFFFF"',
        r'language: "\U00110000"',
        "%YAML " + "9" * 5_000 + ".1\n---\nlanguage: ko",
    ],
)
def test_what_the_library_stumbles_on_is_refused(tmp_path: Path, text: str) -> None:
    assert refusal(tmp_path, text).endswith("not YAML")


def test_more_values_than_can_be_are_refused(tmp_path: Path) -> None:
    many = ", ".join(f"S{number}: 3" for number in range(1_500))
    text = f"order_settings: {{targets: {{{many}}}}}"
    assert "more values than can be" in refusal(tmp_path, text)


@pytest.mark.parametrize("key", ["k" * 50_000, '"a\\nb"', '"\\ud800"', '"\\u202eko"'])
def test_an_unknown_key_is_told_in_one_short_line(tmp_path: Path, key: str) -> None:
    told = refusal(tmp_path, f"{key}: 1").removeprefix(str(tmp_path))
    assert len(told) < 200
    assert told.isprintable()


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="name of the file"):
        load_config(Path("a\0b"))


def test_a_value_from_chat_wins_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "order_settings: {target_profit_rate: 4, targets: {AAPL: 5, TSLA: 6}}")
    loaded = load_config(
        path,
        {"order_settings.target_profit_rate": "2.5", "order_settings.targets.AAPL": "9"},
    )
    settings = us_settings(loaded.config)
    assert settings.target_pct == Decimal("2.5")
    assert settings.target_overrides == {"AAPL": Decimal(9), "TSLA": Decimal(6)}
    lines = as_lines(loaded)
    assert "order_settings.target_profit_rate = 2.5 (chat)" in lines
    assert "order_settings.targets.AAPL = 9 (chat)" in lines
    assert "order_settings.targets.TSLA = 6 (file)" in lines
    assert "order_settings.sell_price = bid (default)" in lines


@pytest.mark.parametrize(
    ("key", "text", "part"),
    [
        ("order_settings.target_profit_rate", "51", "0.1 - 50"),
        ("order_settings.targets.AAPL", "0", "0.1 - 50"),
        ("order_settings.targets.not a symbol", "3", "unknown key"),
        ("order_settings.tarket", "3", "did you mean"),
        ("trading.polling_min_s", "20", "polling_max_s"),
    ],
)
def test_a_bad_value_from_chat_is_refused_as_from_chat(key: str, text: str, part: str) -> None:
    with pytest.raises(ConfigError, match=f"^chat: .*{part}"):
        load_config(None, {key: text})


def test_what_a_reload_leaves_alone_is_named(tmp_path: Path) -> None:
    text = """
mode: paper
api: {base_url: "http://127.0.0.1:1/"}
trading: {mode: paper, polling_min_s: 4}
order_settings: {target_profit_rate: 4}
telegram: {confirm_s: 30}
health: {port: 0}
"""
    new = load_config(write(tmp_path, text)).config
    assert new.api.base_url == "http://127.0.0.1:1"
    assert new.trading.mode is Mode.PAPER
    assert applies_at_next_start(Config(), new) == (
        "mode",
        "api.base_url",
        "trading.mode",
        "telegram.confirm_s",
        "health.port",
    )
    assert applies_at_next_start(new, new) == ()
    reloaded = after_reload(Config(), new)
    assert applies_at_next_start(Config(), reloaded) == ()
    assert reloaded.trading.polling_min_s == Decimal(4)
    assert reloaded.order_settings == new.order_settings
