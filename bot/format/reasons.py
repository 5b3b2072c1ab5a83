"""The engine's reasons in the trader's words; what has no word yet is shown as it came."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.format.lang import Lang
from bot.format.markup import foreign

_Pairs = tuple[str, str]

_REASONS: dict[str, _Pairs] = {
    # why the desk's state changed
    "user": ("직접 지시", "by your command"),
    "the limit was changed": ("한도가 바뀜", "the limit was changed"),
    "index not read": ("지수를 아직 읽지 못함", "the index was not read yet"),
    "new day": ("새 거래일", "a new trading day"),
    "account answers again": ("계좌 조회 회복", "the account answers again"),
    "account reads fail": ("계좌 조회 실패가 이어짐", "account reads keep failing"),
    "calls fail": ("KIS 호출 실패가 이어짐", "calls to KIS keep failing"),
    "no call answered": ("KIS가 어떤 호출에도 답하지 않음", "KIS answers no call at all"),
    "calls are answered again": ("KIS가 다시 답함", "KIS answers again"),
    "calls are refused": ("KIS가 호출을 거절함 (초당 한도)", "KIS refuses calls for their rate"),
    "no more refusals": ("호출 거절이 그침", "KIS refuses no more calls"),
    "stream fails": ("실시간 연결이 거듭 끊김", "the live stream keeps failing"),
    "the stream holds again": ("실시간 연결 회복", "the live stream holds again"),
    "clocks differ": ("서버 시각이 KIS와 다름", "this machine's clock differs from KIS's"),
    "the clocks agree again": ("서버 시각이 다시 맞음", "the clocks agree again"),
    "a second program listens to the chat": (
        "다른 프로그램이 같은 봇 토큰으로 접속함",
        "another program uses the same bot token",
    ),
    "daily calls spent": ("오늘 호출 안전 한도에 닿음", "the safe calls of the day are spent"),
    "the desk's service keeps failing": (
        "데스크 프로그램이 거듭 멈춤",
        "the desk's program keeps failing",
    ),
    "entries of the day are used up": ("오늘 매매 횟수를 다 씀", "the day's entries are used up"),
    "the day's loss is reached": ("하루 손실 한도에 닿음", "the day's loss limit is reached"),
    "losses in a row": ("손실이 이어짐", "losses in a row"),
    "the index falls": ("지수가 떨어짐", "the index falls"),
    "the index recovered": ("지수 회복", "the index recovered"),
    "the pause is over": ("쉬는 시간이 끝남", "the pause is over"),
    "the session is over": ("장이 끝남", "the session is over"),
    "orders are refused": (
        "여러 종목의 주문이 거부됨",
        "orders of several stocks are refused",
    ),
    "executions are worse than decided": (
        "실제 가격이 판단 때보다 거듭 나쁨",
        "executions are worse than decided",
    ),
    "books and broker disagree": (
        "장부와 계좌의 차이가 풀리지 않음",
        "books and account still disagree",
    ),
    # what speaks against LIVE
    "no keys": ("키 없음", "no keys"),
    "no answer": ("응답 없음", "no answer"),
    "no time told": ("비교할 시각 없음", "no time to compare with"),
    "shares are missing": ("계좌에 없는 주식이 있음", "shares are missing in the account"),
    "no daily loss limit": ("하루 손실 한도 없음", "no daily loss limit"),
    "no calls kept for exits": (
        "청산용으로 남긴 호출 없음 (safe_per_day)",
        "no calls kept for exits (safe_per_day)",
    ),
    "live.db is of another account": (
        "실전 장부가 다른 계좌의 것 (live.db를 옮긴 뒤 다시 시작)",
        "the book is another account's (move live.db away, start again)",
    ),
    # what bounds the size of an entry
    "risk": ("거래당 위험", "risk per trade"),
    "position": ("종목당 비중", "share of the position"),
    "order_value": ("주문 금액", "order value"),
    "cash": ("현금", "cash"),
    "liquidity": ("유동성", "liquidity"),
    "zones": ("돌파 구간 비중", "share by zones"),
    # why an order is in doubt
    "no answer before the restart": (
        "재시작 전에 답을 받지 못함",
        "no answer before the restart",
    ),
    "a yes without number": ("접수됐으나 주문번호가 없음", "accepted without a number"),
    # why the stream is away
    "silent": ("수신이 끊김", "nothing was received"),
    "nothing wanted": ("받을 것이 없음", "nothing wanted"),
    "ended": ("연결이 끝남", "the connection ended"),
    "closed by the server": ("서버가 연결을 끊음", "closed by the server"),
    "plain notice refused": (
        "암호화되지 않은 체결통보를 버림",
        "an execution notice without encryption was refused",
    ),
    "unreadable notice": ("읽을 수 없는 체결통보", "an execution notice could not be read"),
    # what a connection says
    "ConnectError": ("연결할 수 없음", "cannot connect"),
    "ConnectTimeout": ("연결 시간 초과", "connecting timed out"),
    "ReadTimeout": ("응답 시간 초과", "the answer timed out"),
    "WriteTimeout": ("전송 시간 초과", "sending timed out"),
    "PoolTimeout": ("연결이 모두 사용 중", "all connections are in use"),
    "ReadError": ("응답 중 연결이 끊김", "cut off while reading"),
    "WriteError": ("전송 중 연결이 끊김", "cut off while sending"),
    "RemoteProtocolError": ("서버가 응답 없이 끊음", "the server hung up"),
    "ConnectionClosedError": ("연결이 끊김", "the connection broke"),
    "ConnectionResetError": ("연결이 끊김", "the connection was reset"),
    "no price shown": ("시세 없음", "no price shown"),
    "no token; not asking again yet": (
        "접근토큰이 없음, 잠시 뒤 다시 요청",
        "no access token; asked again later",
    ),
    "the new token is the dead one": (
        "KIS가 만료된 접근토큰을 다시 줌",
        "KIS gave the expired token again",
    ),
    "no text": ("설명 없음", "no text"),
    "not recorded": ("기록에 없음", "not recorded"),
    "SIM_CASH": ("모의 현금 부족", "not enough simulated cash"),
    "the socket service broke": ("실시간 프로그램이 멈춤", "the socket service broke"),
    "account not read": ("계좌를 아직 읽지 않음", "account not read yet"),
    "SIM_QTY": ("모의 수량 부족", "not enough simulated shares"),
    "SIM_GONE": ("모의 주문 없음", "no such simulated order"),
    "nothing open under this number": ("이 번호의 열린 주문 없음", "no open order of this number"),
    "NOT_SENT": ("보내지 않음", "not sent"),
    "the number is that of two orders, and neither surely ours": (
        "같은 번호의 주문이 둘이고 어느 것이 우리 주문인지 알 수 없음",
        "two orders have this number, and it is unclear which is ours",
    ),
}
_Phrase = tuple[re.Pattern[str], str, str]
# The figures go in as they came; in ``_NESTED`` the part is a reason again.
_PHRASES: tuple[_Phrase, ...] = tuple(
    (re.compile(pattern), ko, en)
    for pattern, ko, en in (
        (r"(\d+) reads, (\d+) s", "조회 {0}번, {1}초", "{0} reads, {1} s"),
        (r"(\d+) calls", "호출 {0}번", "{0} calls"),
        (r"(\d+) of (\d+) calls", "호출 {1}번 중 {0}번", "{0} of {1} calls"),
        (r"(\d+) times", "{0}번", "{0} times"),
        (r"(-?\d+) s", "{0}초", "{0} s"),
        (r"below (?:\S+\.)?(\S+) \((.+)\)", "{0}({1})보다 작게", "below {0} ({1})"),
        (r"at most (?:\S+\.)?(\S+) \((.+)\)", "{0}({1}) 이하", "at most {0} ({1})"),
        (
            r"(.+); its own target stands in config\.yaml",
            "{0}. 이 종목의 목표는 config.yaml에서 지웁니다 (order_settings.targets)",
            "{0}; its own target stands in config.yaml (order_settings.targets)",
        ),
        (
            r"(.+); it has no target of its own",
            "{0}. 이 종목은 따로 정한 목표가 없어 지울 것이 없습니다",
            "{0}; it has no target of its own to take back",
        ),
        (r"together (\d+)", "모두 합해 {0}", "{0} together"),
        (r"more than 0 together", "합이 0보다 크게", "more than 0 together"),
        (r"(-?)₩([\d,]+)", "{0}{1}원", "{0}₩{1}"),
        (r"(-?\d+) of (-?\d+)", "{1} 중 {0}", "{0} of {1}"),
        (r"(-?\d+) held", "보유 {0}주", "{0} held"),
        (r"(-?\d+) sold", "매도 {0}주", "{0} sold"),
        (r"(\d+) sold by hand", "직접 매도 {0}주", "{0} sold by hand"),
        (r"(-?\d+) in the account", "계좌에는 {0}주", "{0} in the account"),
        (r"(\d+) to sell", "매도할 {0}주", "{0} to sell"),
        (r"(\d+) in doubt", "결과를 모르는 주문 {0}건", "{0} orders in doubt"),
        (r"(\d+) orders", "주문 {0}건", "{0} orders"),
        (r"(\d+) orders in (\d+) min", "{1}분에 주문 {0}건", "{0} orders in {1} min"),
        (r"(\d+) orders, ([\d.]+) %", "주문 {0}건, {1} %", "{0} orders, {1} %"),
        (r"(\d+) min", "{0}분", "{0} min"),
        (r"(\S+) (\d+) min", "{0} {1}분", "{0} {1} min"),
        (
            r"(\d+) orders, (-?\d+) in the account",
            "주문 {0}건, 보유 {1}주",
            "{0} orders, {1} in the account",
        ),
        (r"sell (\d+) at ([\d.]+)", "매도 {0}주 × {1}", "sell {0} × {1}"),
        (r"buy (\d+) at ([\d.]+)", "매수 {0}주 × {1}", "buy {0} × {1}"),
        (r"([\d.]+) each", "주당 {0}", "{0} a share"),
        (r"(\d+) of (\d+) shares", "주문 {0}주, 팔 수 있는 수량 {1}주", "{0} ordered, {1} free"),
        (r"daily limit: (\d+) of (\d+)", "하루 한도 {1}회 중 {0}회", "daily limit: {0} of {1}"),
        (
            r"safe daily cap: (\d+) of (\d+)",
            "하루 안전 한도 {1}회 중 {0}회",
            "safe daily cap: {0} of {1}",
        ),
        (
            r"safe hourly cap: (\d+) of (\d+)",
            "1시간 안전 한도 {1}회 중 {0}회",
            "safe hourly cap: {0} of {1}",
        ),
        (r"HTTP (\d+)", "HTTP {0} 오류", "HTTP {0}"),
        (
            r"(.+) is not allowed; allowed: (.+)",
            "{0} 쓸 수 없음, 허용: {1}",
            "{0} is not allowed; allowed: {1}",
        ),
        (r"no JSON, HTTP (\d+)", "읽을 수 없는 답 (HTTP {0})", "unreadable answer (HTTP {0})"),
        (
            r"(\w+): another session holds the app key",
            "같은 앱키를 다른 접속이 쓰는 중 ({0})",
            "another session holds the app key ({0})",
        ),
        (
            r"(\w+): places leaked",
            "실시간 등록 자리가 KIS에 남아 있어 다시 연결 ({0})",
            "registrations were left over at KIS; connecting anew ({0})",
        ),
        (
            r"(\w+): approval key refused",
            "실시간 접속키가 거부됨 ({0})",
            "approval key refused ({0})",
        ),
    )
)
_NESTED: tuple[_Phrase, ...] = tuple(
    (re.compile(pattern), ko, en)
    for pattern, ko, en in (
        (r"(\d+) x (.+)", "거부 {0}번: {1}", "refused {0} times: {1}"),
        (r"not sent: (.+)", "보내지 못함: {0}", "not sent: {0}"),
        (r"not connected: (.+)", "연결되지 않음: {0}", "not connected: {0}"),
        (r"([+-]?\d+) s", "{0}초", "{0} s"),
        (r"dropped: (.+)", "연결이 끊김: {0}", "dropped: {0}"),
        (r"HTTP \d+, code \S+: (.+)", "KIS의 답: {0}", "KIS said: {0}"),
        # BrokerError: tr id, code, text. The text says it; the rest is in the log.
        (r"(?:\w+): (?:no code|\w+): (.+)", "{0}", "{0}"),
    )
)
_DIGITS, _FIGURE = 18, 40
_SIZE, _GB = re.compile(r"(\d{1,12}) MB"), 1024
_CAUSE = re.compile(r"([^()]+?) \(([^()/]*) / ([^()/]*)\)(?:, )?")


def say(text: str, lang: Lang, limit: int = 160) -> str:
    """A reason, figure or code of the engine, escaped."""
    known = _known(text, lang)
    return foreign(text if known is None else known, limit)


def figure(text: str, lang: Lang) -> str:
    """A measured value or its limit; a bare number gets its thousands marked, a size its GB."""
    size = _SIZE.fullmatch(text)
    if size is not None and int(size[1]) >= _GB:
        return f"{int(size[1]) / _GB:,.1f} GB"
    if text.isascii() and text.isdigit() and len(text) <= _DIGITS:
        return f"{int(text):,}"
    return say(text, lang, _FIGURE)


def against(seen: str, limit: str, lang: Lang) -> str | None:
    """A measured value against its limit, both told already; None where there is neither."""
    if not seen and not limit:
        return None
    one, other = seen or "-", limit or "-"
    return lang.pick(f"측정 {one} · 한도 {other}", f"Measured {one} · limit {other}")


def is_known(text: str) -> bool:
    """Whether there are words for it."""
    return _known(text, Lang.KO) is not None


def causes(text: str, lang: Lang) -> str:
    """What the guard holds for: ``reason (measured / limit)``, several after each other."""
    found = _CAUSE.findall(text)
    if not found:
        return say(text, lang)
    told = []
    for reason, measured, limit in found:
        figures = [figure(said.strip(), lang) for said in (measured, limit)]
        shown = f" ({' / '.join(figures)})" if any(figures) else ""
        told.append(say(reason, lang) + shown)
    return ", ".join(told)


def _known(text: str, lang: Lang) -> str | None:
    pair = _REASONS.get(text)
    if pair is not None:
        return lang.pick(*pair)
    plain = _filled(text, _PHRASES, lang, lambda part: part)
    if plain is not None:
        return plain
    return _filled(text, _NESTED, lang, lambda part: _known(part, lang) or part)


def _filled(
    text: str, phrases: tuple[_Phrase, ...], lang: Lang, read: Callable[[str], str]
) -> str | None:
    for pattern, ko, en in phrases:
        found = pattern.fullmatch(text)
        if found is not None:
            return lang.pick(ko, en).format(*(read(part) for part in found.groups()))
    return None
