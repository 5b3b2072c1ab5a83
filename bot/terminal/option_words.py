"""What ``--help`` says of each option, in both languages, and which options a command has."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bot.format.lang import Lang

COMMON = frozenset({"help", "config", "env_file", "data_dir"})
OWN: Mapping[str, frozenset[str]] = MappingProxyType({
    "bot": frozenset({"record", "log_level"}),
    "stop": frozenset(), "check-config": frozenset(), "doctor": frozenset({"log_level"}),
    "report": frozenset({"period", "mode", "until", "out"}),
    "replay": frozenset({"recording", "minutes", "date", "symbol"}),
})  # fmt: skip
_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "help": ("이 설명", "this text"),
    "config": ("설정 파일 (기본: config.yaml)", "the settings (default: config.yaml)"),
    "env_file": ("키를 적은 파일 (기본: .env)", "the file of keys (default: .env)"),
    "data_dir": ("데이터 폴더 (기본: data)", "the data directory (default: data)"),
    "record": (
        "데스크가 보는 모든 것을 이 폴더에 기록", "keep all that the desks see in this folder",
    ),
    "log_level": ("로그를 얼마나 자세히 (기본: INFO)", "how much the log tells (default: INFO)"),
    "period": (
        "day, week, month, quarter, year, all 가운데 하나, 또는 첫날과 마지막 날",
        "day, week, month, quarter, year, all, or the first and the last day",
    ),
    "mode": ("어느 모드의 장부", "whose book"),
    "until": ("마지막 날 (YYYY-MM-DD)", "the last day (YYYY-MM-DD)"),
    "out": ("파일을 둘 폴더", "a folder for the files"),
    "recording": ("bot --record가 남긴 파일", "a file kept by bot --record"),
    "minutes": ("분봉을 기록한 폴더", "a folder of recorded minutes"),
    "date": ("하루만 (YYYY-MM-DD)", "one day (YYYY-MM-DD)"),
    "symbol": ("한 종목만: 코드나 이름", "one stock: code or name"),
    "action": (
        "set 값 넣기, list 보기, import 파일에서 옮기기, rotate 마스터 암호 바꾸기",
        "set a value, list them, import a file, rotate the passphrase",
    ),
    "name": ("set: 값의 이름, import: 파일", "set: which value; import: the file"),
    "wipe": ("import: 옮긴 뒤 파일에서 지움", "import: wipe the file afterwards"),
    "keep": ("import: 파일을 그대로 둠", "import: leave the file as it is"),
    "language": ("언어: ko 또는 en", "ko or en"),
    "desks": ("데스크: krx, us 또는 krx,us", "krx, us or krx,us"),
    "max_order_krw": ("주문 한 건의 최대 금액(원)", "the largest order, won"),
    "max_daily_loss_krw": ("하루 최대 손실(원)", "the largest daily loss, won"),
    "max_positions": ("최대 보유 종목 수", "positions at most"),
    "unattended": (
        "아무것도 묻지 않음: 키는 환경변수나 --stdin으로",
        "ask nothing: secrets come from the environment or by --stdin",
    ),
    "stdin": ("표준 입력에서 이름=값 줄을 읽음", "read NAME=value lines from stdin"),
    "passphrase_in_env_file": ("마스터 암호를 .env에 저장", "keep the passphrase in .env (0600)"),
    "path": (
        "백업 파일. 폴더/라면 그 안에 시각을 이름으로", "the backup; in a folder/ it gets a name",
    ),
    "force": ("있는 파일을 바꿈", "replace the file"),
    "keep_n": ("폴더/에서 최근 몇 개를 남길지", "in a folder/: how many of the newest stay"),
})  # fmt: skip


def text(dest: str, lang: Lang, *, is_number: bool = False) -> str | None:
    """Of an option by its name in the program; None: nobody wrote one. ``--keep`` is two."""
    pair = _TEXTS.get("keep_n" if dest == "keep" and is_number else dest)
    return None if pair is None else lang.pick(*pair)
