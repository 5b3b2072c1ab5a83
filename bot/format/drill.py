"""/drill as text."""

from __future__ import annotations

from enum import StrEnum

from bot.format.lang import Lang
from bot.format.markup import bold, code, lines


class Drill(StrEnum):
    """Troubles by the sandbox's own names for them; CALLS is the assistant's own."""

    ERRORS = "errors"
    SILENCE = "silence"
    ACCOUNT = "account"
    SOCKET = "socket"
    REFUSALS = "refusals"
    CLOCK = "clock"
    POLLER = "poller"
    CALLS = "calls"

    @property
    def ends_itself(self) -> bool:
        """Whether it is over before anything could be pressed: no press comes through meanwhile."""
        return self is Drill.POLLER


_Pairs = tuple[str, str]
_NAMES: dict[Drill, _Pairs] = {
    Drill.ERRORS: ("KIS 오류", "KIS errors"),
    Drill.SILENCE: ("KIS 무응답", "KIS silent"),
    Drill.ACCOUNT: ("계좌 조회 실패", "Account fails"),
    Drill.SOCKET: ("실시간 끊김", "Socket fails"),
    Drill.REFUSALS: ("호출 거절", "Refusals"),
    Drill.CLOCK: ("시각 어긋남", "Clock off"),
    Drill.POLLER: ("봇 중복 실행", "Second program"),
    Drill.CALLS: ("하루 호출 한도", "Daily calls"),
}
_TO_COME: dict[Drill, _Pairs] = {
    Drill.ERRORS: (
        "호출 10번이 잇달아 실패하면 신규를 멈춥니다.",
        "Entries stop when ten calls in a row have failed.",
    ),
    Drill.SILENCE: (
        "5분 동안 답이 없으면, 또는 그 전에 호출 10번이 실패하면 신규를 멈춥니다.",
        "Entries stop after five minutes without an answer, or ten failed calls before that.",
    ),
    Drill.ACCOUNT: (
        "계좌 조회가 10번 또는 5분 동안 실패하면 신규를 멈춥니다.",
        "Entries stop when account reads have failed ten times, or for five minutes.",
    ),
    Drill.SOCKET: (
        "장중에 3번 끊기면 신규를 멈추고, 연결이 1분 이어지면 저절로 풀립니다.",
        "Entries stop at the third failure in the session, until it has held for a minute.",
    ),
    Drill.REFUSALS: (
        "1분 호출의 5%가 거절되면 국내 신규와 탐색을 멈춥니다.",
        "Korean entries and scans stop when 5 % of a minute's calls are refused.",
    ),
    Drill.CLOCK: (
        "KIS 시각과 10초 넘게 다르면 신규를 멈춥니다.",
        "Entries stop while the clock is more than ten seconds beside KIS's.",
    ),
    Drill.POLLER: (
        "텔레그램이 중복 접속을 두 번 알리면 신규를 멈춥니다. /resume 아래 [가드 해제]로 풉니다.",
        "Entries stop at Telegram's second conflict, until [Release guard] under /resume.",
    ),
    Drill.CALLS: (
        "한도를 1로 낮췄습니다. 다음 호출에 미국 신규를 멈춥니다.",
        "The cap is 1 now. US entries stop at the next call.",
    ),
}


def no_demo(lang: Lang) -> str:
    """Anywhere but in the demo."""
    return lang.pick(
        "비상 정지 연습은 데모에만 있습니다: ", "Drills exist in the demo only: "
    ) + code("python3 run.py demo")


def menu(lang: Lang) -> str:
    """What can be tried, and that exits go on."""
    return lines(
        bold(lang.pick("비상 정지 연습", "Emergency drill")),
        lang.pick(
            "누르면 데모의 KIS가 바로 말썽을 부립니다. 청산은 계속합니다.",
            "A press makes the demo's KIS misbehave at once. Exits go on.",
        ),
    )


def name(drill: Drill, lang: Lang) -> str:
    """Text of its button."""
    return lang.pick(*_NAMES[drill])


def begun(drill: Drill, lang: Lang) -> str:
    """It is on; what to look for."""
    return lines(
        f"🧪 {bold(name(drill, lang))} {lang.pick('시작', 'begun')}",
        lang.pick(*_TO_COME[drill]),
        lang.pick("지켜볼 곳: ", "Watch: ") + "/status, /positions",
    )


def ended(drill: Drill, lang: Lang) -> str:
    """It is off; what comes next."""
    return lines(
        f"✅ {bold(name(drill, lang))} {lang.pick('끝', 'ended')}",
        lang.pick(
            "한도를 되돌렸습니다. 정지는 /resume 아래 [가드 해제]로 풉니다.",
            "The cap is back. The stop ends with [Release guard] under /resume.",
        )
        if drill is Drill.CALLS
        else lang.pick("곧 저절로 풀립니다.", "The stop ends by itself in a moment."),
    )


def not_done(lang: Lang) -> str:
    """The sandbox did not answer, or the caps cannot be changed."""
    return lang.pick("⚠️ 샌드박스가 답하지 않습니다.", "⚠️ The sandbox does not answer.")
