"""The doctor's words, in both languages: names, findings, and what to do about them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.format.lang import Lang
from bot.format.table import width as columns
from bot.format.words import state as desk_state
from bot.terminal.refusals import in_words
from bot.terminal.troubles import Trouble, explain, explain_broker
from engine.errors import BrokerError, TradingError
from engine.model.ids import DeskState

__all__ = ["State", "columns", "name", "state", "told", "trouble", "unwell", "verdict"]


class State(StrEnum):
    """Of one line."""

    WELL = "well"
    NOTE = "note"
    ILL = "ill"


def _both(ko: str, en: str) -> tuple[str, str]:
    return ko, en


_Words = Mapping[str, tuple[str, str]]

_NAMES: Mapping[str, str] = MappingProxyType({
    "secrets": "비밀값", "keys": "키 나이", "files": "파일 권한", "disk": "디스크",
    "database": "데이터베이스", "fonts": "글꼴", "service": "서비스", "telegram": "텔레그램",
    "alerts": "알림", "clock": "시계", "assistant": "실행 중인 비서", "socket": "웹소켓",
    "real token": "실전 토큰", "real account": "실전 계좌", "real socket": "실전 웹소켓",
    "paper token": "모의 토큰", "paper account": "모의 계좌", "paper socket": "모의 웹소켓",
    "calendar": "미국 달력", "KRX calendar": "국내 달력", "kakao": "카카오톡",
})  # fmt: skip

_TOLD: _Words = MappingProxyType({
    "secrets": _both("{0}개를 찾음 ({1})", "{0} found ({1})"),
    "keys": _both("90일이 넘은 키 없음", "none older than 90 days"),
    "no_keys": _both(
        "볼 키가 아직 없음. 넣기: python3 run.py setup",
        "there are no keys yet. To give them: python3 run.py setup",
    ),
    "keys_unknown": _both(
        "나이를 알 수 없음(환경변수). 저장소에 두면 셉니다: python3 run.py secrets set NAME",
        "age unknown (environment); the store counts it: python3 run.py secrets set NAME",
    ),
    "old_keys": _both(
        "{0}: 90일이 넘었습니다. 새로 발급받아 넣으세요: python3 run.py secrets set NAME",
        "{0}: older than 90 days. Have new ones issued: python3 run.py secrets set NAME",
    ),
    "files": _both("주인만 읽음", "private"),
    "disk": _both("{0} MB 남음", "{0} MB free"),
    "databases": _both("{0}", "{0}"),
    "no_databases": _both("아직 없음", "none yet"),
    "font": _both("{0}", "{0}"),
    "no_systemd": _both(
        "systemd 없음: 직접 시작(python3 run.py bot)",
        "no systemd here: started by hand (python3 run.py bot)",
    ),
    "no_systemd_yet": _both(
        "지금은 systemd가 돌지 않음: 설치된 서비스는 systemd가 도는 다음 부팅 때 시작",
        "systemd does not run here: the service starts with the next boot that runs it",
    ),
    "not_installed": _both(
        "서비스를 설치하지 않음: 서버라면 sudo deploy/bootstrap.sh",
        "no service installed; on a server: sudo deploy/bootstrap.sh",
    ),
    "service": _both("부팅 때 시작, 지금 {0}", "starts at boot, now {0}"),
    "telegram": _both("@{0}, 사용자 {1}명", "@{0}, {1} user(s)"),
    "alerts": _both("보낼 수 있고 밀린 것 없음", "can be sent, none is waiting"),
    "clock": _both("최대 {0}초 차이", "{0} s off at most"),
    "assistant": _both(
        "실행 중, {0}. 국내 데스크 {1}, 미국 데스크 {2} (토큰과 계좌는 그쪽에서 씀)",
        "runs, {0}: Korean desk {1}, US desk {2}; token and account are its own to use",
    ),
    "socket": _both("연결과 체결통보 등록 ({0})", "connects and registers notices ({0})"),
    "socket_of_paper": _both("연결됨 ({0})", "connects ({0})"),
    "socket_without_notices": _both(
        "연결됨 ({0}). HTS ID가 없어 체결통보는 없음",
        "connects ({0}); no HTS id, so no execution notices",
    ),
    "stream": _both("실행 중인 비서가 받고 있음", "the running assistant hears it"),
    "stream_asleep": _both(
        "지금은 연결 안 함(장 시간 밖이면 정상)",
        "not connected now (right outside market hours)",
    ),
    "token": _both("받음", "issued or cached"),
    "account": _both("국내 {0}종목, 미국 {1}종목", "{0} Korean holding(s), {1} US"),
    "calendar": _both("앞으로 {0}일 알고 있음", "sessions known for {0} days"),
    "calendar_projected": _both(
        "앞으로 {0}일, 올해는 예상 휴장일", "sessions known for {0} days, this year's projected"
    ),
})  # fmt: skip

_UNWELL: _Words = MappingProxyType({
    "missing": _both(
        "{0} 없음. python3 run.py setup, 또는 python3 run.py secrets set NAME",
        "{0} missing. python3 run.py setup, or python3 run.py secrets set NAME",
    ),
    "missing_keys": _both(
        "{0} 없음(KIS는 {1}도 됨). python3 run.py setup, 또는 python3 run.py secrets set NAME",
        "{0} missing (for KIS {1} would do). python3 run.py setup, or python3 run.py secrets set "
        "NAME",
    ),
    "open_files": _both(
        "{0}: 다른 사용자가 읽을 수 있습니다. chmod go= {0}",
        "{0}: open to other users. chmod go= {0}",
    ),
    "foreign_files": _both(
        "{0}: 다른 사용자의 것입니다. 서비스와 같은 사용자로 실행하거나 chown 하세요.",
        "{0}: belongs to another user. Run this as the service's user, or chown it.",
    ),
    "no_disk": _both(
        "{0} MB 남음. 적어도 {1} MB가 필요합니다. logs/와 오래된 백업을 지우세요.",
        "{0} MB free; at least {1} MB are needed. Remove old logs and backups.",
    ),
    "database": _both(
        "{0}: {1}. 비서를 멈추고 백업을 되돌리세요(python3 run.py restore FILE).",
        "{0}: {1}. Stop the assistant and restore a backup (python3 run.py restore FILE).",
    ),
    "no_font": _both(
        "한글 글꼴이 없어 그림의 글자가 네모로 보입니다. sudo apt install fonts-nanum, 또는 "
        "run.py가 .venv를 다시 만들게 하세요.",
        "No Korean font: letters in pictures become boxes. sudo apt install fonts-nanum, or have "
        "run.py make .venv anew.",
    ),
    "not_enabled": _both(
        "부팅 때 시작하지 않습니다. sudo systemctl enable --now dolpa",
        "Does not start at boot. sudo systemctl enable --now dolpa",
    ),
    "service_failed": _both(
        "서비스가 실패했습니다. journalctl -u dolpa -n 50, 고친 뒤 sudo systemctl restart dolpa",
        "The service failed. journalctl -u dolpa -n 50; mended: sudo systemctl restart dolpa",
    ),
    "alerts_wait": _both(
        "알림 {0}건이 {1}분 넘게 밀려 있습니다. 비서가 도는지, 텔레그램에 닿는지 보세요(위 줄). "
        "오는 종류와 조용한 시간은 채팅에서 /alerts, /quiet.",
        "{0} alert(s) have waited for more than {1} minutes. Is the assistant running, is Telegram "
        "reached (above)? Kinds and quiet hours: /alerts, /quiet in the chat.",
    ),
    "no_time": _both(
        "텔레그램에 닿지 않아 시각을 비교하지 못했습니다({0}). 인터넷 연결을 확인하고 다시 하세요. "
        "이 컴퓨터의 시각: timedatectl",
        "Telegram was not reached, so there is no time to compare with ({0}). Check the internet "
        "and try again; this machine's clock: timedatectl",
    ),
    "clock": _both(
        "{0}초 어긋남(최대 {1}초). sudo timedatectl set-ntp true",
        "{0} s off (at most {1} s). sudo timedatectl set-ntp true",
    ),
    "no_health": _both(
        "실행 중이지만 {0}이 답하지 않습니다({1}). 멎었을 수 있습니다: sudo systemctl restart "
        "dolpa",
        "runs, but {0} gives no answer ({1}); it may be stuck: sudo systemctl restart dolpa",
    ),
    "not_ok": _both(
        "실행 중이지만 {0}. 국내 데스크 {1}, 미국 데스크 {2}. 까닭과 할 일은 채팅의 /status에 "
        "있습니다.",
        "runs, but {0}: Korean desk {1}, US desk {2}. Cause and cure: /status in the chat.",
    ),
    "calendar_ends": _both(
        "거래일 표가 {0}일 뒤 끝납니다. config.yaml의 {1}에 날짜를 더하거나 업그레이드하세요.",
        "the session table ends in {0} days; add dates to {1} in config.yaml, or upgrade",
    ),
})  # fmt: skip

_STATES: Mapping[State, tuple[str, str]] = MappingProxyType({
    State.WELL: ("정상", "ok  "), State.NOTE: ("참고", "note"), State.ILL: ("이상", "FAIL"),
})  # fmt: skip


# What /health says of the assistant and of a desk.
_VALUES: Mapping[str, tuple[str, str]] = MappingProxyType({
    "ok": _both("정상", "all well"), "degraded": _both("일부 이상", "something is amiss"),
    "stopped": _both("매매가 멈춤", "trading has stopped"), "off": _both("꺼짐", "off"),
    **{
        one.value: _both(desk_state(one, Lang.KO), desk_state(one, Lang.EN)) for one in DeskState
    },
})  # fmt: skip
_OF_HEALTH = frozenset({"assistant", "not_ok"})


def name(probe: str, lang: Lang) -> str:
    """A line's name."""
    return lang.pick(_NAMES.get(probe, probe), probe)


def state(found: State, lang: Lang) -> str:
    """Four columns."""
    return lang.pick(*_STATES[found])


def told(code: str, facts: tuple[str, ...], lang: Lang) -> str:
    """What is well."""
    return lang.pick(*_TOLD[code]).format(*_in_words(code, facts, lang))


def unwell(code: str, facts: tuple[str, ...], lang: Lang) -> str:
    """What is wrong and what to do."""
    if code in _UNWELL:
        return lang.pick(*_UNWELL[code]).format(*_in_words(code, facts, lang))
    return explain(Trouble(code), lang, " ".join(facts))


def trouble(error: TradingError, lang: Lang) -> str:
    """What the engine ran into."""
    return (
        explain_broker(error, lang)
        if isinstance(error, BrokerError)
        else in_words(str(error), lang)
    )


def verdict(lang: Lang, *, is_well: bool) -> str:
    """The last line."""
    if is_well:
        return lang.pick("모두 정상입니다.", "All is well.")
    return lang.pick(
        "이상이 있습니다. 위에 할 일이 적혀 있습니다(docs/runbook.md).",
        "Something is wrong; what to do stands above (docs/runbook.md).",
    )


def _in_words(code: str, facts: tuple[str, ...], lang: Lang) -> tuple[str, ...]:
    if code not in _OF_HEALTH:
        return facts
    return tuple(lang.pick(*_VALUES.get(fact, (fact, fact))) for fact in facts)
