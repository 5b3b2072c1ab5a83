"""config.yaml and .env: whatever stands in them, a value comes out or a ConfigError."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from engine.adapters.secrets import load_secrets
from engine.config import CHECKS, SETTABLE, Config, as_lines, check_value, load_config, text_of
from engine.config.document import read_document
from engine.errors import ConfigError
from tests.fuzz import hostile
from tests.fuzz.surface import OK, Broken, Outcome, in_memory

_KEYS = tuple(CHECKS)
_DEEPEST = 12
_GOOD: Mapping[str, tuple[str, ...]] = {
    "language": ("ko", "en"),
    "mode": ("dry_run", "paper", "live"),
    "api.base_url": ("https://openapi.koreainvestment.com:9443",),
    "api.websocket_url": ("ws://ops.koreainvestment.com:21000",),
    "trading.timezone": ("US/Eastern",),
    "trading.exchange_code": ("NASD",),
    "order_settings.targets": ("{AAPL: 3.0, BRK.B: 2}", "{}"),
    "calendar.us.closed": ("[2026-12-25, 2026-07-03]", "[]"),
    "calendar.us.early_close": ('{2026-11-27: "13:00"}',),
    "calendar.krx.hours": ('{2026-11-19: "10:00-16:30"}',),
    "domestic.stages.weights": ("{liquidity: 20, trend: 20}",),
    "health.host": ("127.0.0.1", "localhost"),
}
_DEFAULTS = {key: text_of(Config(), key) for key in CHECKS}
_USUAL = ("1", "0.5", "3", "10", "60", "100", "5000", "true", "false", "09:30", "12:00", "null")
_ESCAPES = (
    *(r'"\UFFFFFFFF"', r'"\U00110000"', r'"\ud800"', r'"\x00"', r'"\z"', r'"\u12"', r'"\N"'),
    *("!!python/object/apply:os.system ['id']", "!!binary x", "!<tag:%FF%FE> x", "!!int '3'"),
    *("|\n  text\n", ">99\n x", "&a 1", "*a", "<<: {a: 1}", "? x", "? {a: b}\n: c", "- - - -"),
    *("'unclosed", '"unclosed', "[1, 2", "{a: 1", "{a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}}"),
    *("'it''s'", "@x", "`x`", "%x", "a: b: c", "\t- x", "- x\n- y", "{1: 2, 1: 3}"),
)
_HEADS = (
    *("", "", "", "", "%YAML 1.1\n---\n", "%YAML 1.9\n---\n"),
    f"%YAML {'9' * 5000}.1\n---\n",
    *("%TAG ! tag:x,2000:\n---\n", "---\n", "--- |\n", "...\n", "\ufeff", "# c\n"),
)
_NAMES = (
    *("KIS_APP_KEY", "KIS_APP_SECRET", "KIS_ACCOUNT_NO", "TELEGRAM_BOT_TOKEN", "TZ"),
    *("TELEGRAM_CHAT_ID", "AUTOTRADE_MASTER_PASSPHRASE", "KAKAO_REST_API_KEY"),
)


@dataclass(frozen=True, slots=True)
class Given:
    """Which reader gets it. ``path``: a name beside the usual one."""

    kind: str
    content: bytes
    overrides: Mapping[str, str]
    path: str = ""


class ConfigSurface:
    """Mostly short files: the reader is slow, and what breaks it is short."""

    name = "config"
    first_check = (
        "the file is read as a mapping of texts, or every line of .env as NAME=value, or the key "
        "from the chat is known (asked of the reader again for what was refused)"
    )

    def open(self) -> None:
        self._folder = in_memory()
        self._path = Path(self._folder.name) / "config.yaml"

    def close(self) -> None:
        self._folder.cleanup()

    def renew(self) -> None:
        return None

    def draw(self, rng: Random) -> Given:
        pick = rng.random()
        if pick < 0.12:
            return Given("env", _env(rng), {})
        if pick < 0.22:
            return Given("chat", b"", _override(rng))
        overrides = _override(rng) if rng.random() < 0.2 else {}
        path = hostile.text(rng)[:5_000] if rng.random() < 0.02 else ""
        return Given("file", _file(rng), overrides, path)

    def feed(self, given: Given) -> Outcome:
        self._path.write_bytes(given.content)
        if given.kind == "env":
            return self._env(self._path)
        if given.kind == "chat":
            return _chat(given.overrides)
        path = self._path if not given.path else self._path / given.path
        try:
            loaded = load_config(path, given.overrides)
        except ConfigError as error:
            _check_told(str(error).replace(str(path), "config.yaml"))
            return Outcome("ConfigError", _is_document(path))
        "\n".join(as_lines(loaded)).encode()
        return Outcome(OK, is_deep=True)

    def _env(self, path: Path) -> Outcome:
        environ = {"KIS_HTS_ID": "x"}
        try:
            load_secrets(path, environ)
        except ConfigError as error:
            _check_told(str(error))
            return Outcome("ConfigError", is_deep="line " not in str(error))
        return Outcome(OK, is_deep=True)


def _chat(overrides: Mapping[str, str]) -> Outcome:
    """What /set and the stored overrides hand over, and what a menu shows of it."""
    is_known = all(key in CHECKS for key in overrides)
    try:
        for one in SETTABLE:
            if one.key in overrides:
                check_value(one, overrides[one.key])
        load_config(None, overrides)
    except ConfigError as error:
        _check_told(str(error))
        return Outcome("ConfigError", is_known)
    return Outcome(OK, is_known)


def _check_told(text: str) -> None:
    """A refusal is told in the chat and on a terminal: short, one line, and it can be written."""
    if len(text) > 2_000 or "\n" in text:
        raise Broken(f"a refusal of {len(text)} characters, {text.count(chr(10))} line breaks")
    text.encode()


def _is_document(path: Path) -> bool:
    try:
        read_document(path)
    except ConfigError:
        return False
    return True


def _key(rng: Random) -> str:
    key = rng.choice(_KEYS)
    pick = rng.random()
    if pick < 0.85:
        return key
    if pick < 0.95:
        return hostile.changed(rng, key)
    return f"order_settings.targets.{hostile.text(rng)}"


def _override(rng: Random) -> dict[str, str]:
    key = _key(rng)
    return {key: _value(rng, key if key in CHECKS else "")}


def _value(rng: Random, key: str) -> str:
    pick = rng.random()
    if key in _GOOD and pick < 0.5:
        good = rng.choice(_GOOD[key])
        return good if pick < 0.25 else hostile.changed(rng, good)
    if key and pick < 0.82:
        return _DEFAULTS[key] if pick < 0.7 else hostile.changed(rng, _DEFAULTS[key])
    return rng.choice(_USUAL) if pick < 0.9 else hostile.value(rng)


def _scalar(rng: Random, key: str) -> str:
    """A value as YAML may write it."""
    pick = rng.random()
    if pick < 0.12:
        return rng.choice(_ESCAPES)
    text = _value(rng, key if key in CHECKS else "")
    if pick < 0.35:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return text


def _file(rng: Random) -> bytes:
    if rng.random() < 0.01:
        return _bomb(rng)
    keys = [_key(rng) for _ in range(rng.randint(1, 4))]
    if rng.random() < 0.5:
        keys = [key for key in keys if key in CHECKS] or [rng.choice(_KEYS)]
    text = rng.choice(_HEADS) if rng.random() < 0.3 else ""
    text += _nested(rng, keys)
    if rng.random() < 0.25:
        text = hostile.changed(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    if rng.random() < 0.04:
        data = hostile.damaged(rng, data)
    return text.encode(rng.choice(("utf-16", "cp949", "latin-1")), "replace") if (
        rng.random() < 0.01) else data  # fmt: skip


def _nested(rng: Random, keys: list[str]) -> str:
    """Keys as sections; now and then one stands twice."""
    tree: dict[str, Any] = {}
    lines: list[str] = []
    for key in keys:
        *sections, last = key.split(".", _DEEPEST)
        here = tree
        for section in sections:
            below = here.setdefault(section, {})
            here = below if isinstance(below, dict) else here
        here[last] = _scalar(rng, key)
    _write(tree, 0, lines)
    if rng.random() < 0.05:
        lines.append(rng.choice(lines))
    return "\n".join(lines) + "\n"


def _write(tree: Mapping[str, Any], indent: int, lines: list[str]) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            lines.append(f"{'  ' * indent}{key}:")
            _write(value, indent + 1, lines)
        else:
            lines.append(f"{'  ' * indent}{key}: {value}")


def _bomb(rng: Random) -> bytes:
    """Small files that grow, nest or repeat without end."""
    size = rng.choice((100, 3_000, 30_000, 65_000, 65_537, 1_000_000))
    anchors = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in pairwise("abcdefghi")
    )
    return rng.choice(
        (
            anchors,
            "[" * size,
            "{a: " * size,
            "- " * size,
            "? " * size,
            "a: [" + "x," * size + "]",
            "\n".join(f"k{i}: v" for i in range(min(size, 9_000))),
            f"language: {'k' * size}",
            f"{'k' * size}: ko",
            f"mode: '{'x' * size}",
            "language: |\n" + "  x\n" * size,
            "calendar:\n  us:\n    closed: [" + "2026-12-25, " * (size // 12) + "]",
            "order_settings:\n  targets: {"
            + ", ".join(f"S{i}: 3" for i in range(min(size, 6_000)))
            + "}",
            "#" * size,
            "a: *a",
            "&a a: 1\n<<: *a",
            '"' + "\\x41" * (size // 4) + '": 1',
            " " * size + "a: 1",
            "a:\n" * (size // 3),
        )
    ).encode()


def _env(rng: Random) -> bytes:
    lines = []
    for _ in range(rng.randint(1, 5)):
        name = rng.choice(_NAMES) if rng.random() < 0.9 else hostile.text(rng)
        good = rng.choice(("PSab12", "12345678-01", "1001,1002", "123456:" + "A" * 35, "-100", "x"))
        value = good if rng.random() < 0.4 else hostile.value(rng)
        quoted = rng.choice(("{}", "{}", '"{}"', "'{}'", "{} # note")).replace("{}", value)
        lines.append(f"{name}={quoted}")
    text = "\n".join(lines)
    if rng.random() < 0.2:
        text = hostile.changed(rng, text)
    data = text.encode("utf-8", "surrogatepass")
    return hostile.damaged(rng, data) if rng.random() < 0.05 else data
