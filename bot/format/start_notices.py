"""What the trader should know at the start: lowered modes, missing or old keys, odd settings."""

from __future__ import annotations

from collections.abc import Iterable

from bot.format.lang import Lang
from bot.format.markup import code, foreign, lines

DEMO = "demo"
INVENTED = "한울전자부품"  # a stock of the demo's market
OLD_KEY = "old_key"  # name, days
_LONGEST = 200
_RESTORED = "restored:"
_WORDS: dict[str, tuple[str, str]] = {
    "live_needs_confirmation": (
        "설정은 실전이지만 확인 기록이 없어 모의실행으로 시작했습니다. 실전: /mode live",
        "Configured live, but never confirmed here: started as a dry run. Live: /mode live",
    ),
    "live:no_keys": (
        "실전 키가 없어 낮은 모드로 시작했습니다.",
        "No real keys; started in a lower mode.",
    ),
    "dry_run:no_keys": (
        "실전 키가 없어 모의투자로 시작했습니다.",
        "No real keys for quotes; started on the paper account.",
    ),
    "paper:no_keys": (
        "모의투자 키가 없어 모의실행으로 시작했습니다.",
        "No paper keys; started as a dry run.",
    ),
    "no_hts_id": (
        "KIS_HTS_ID가 없어 체결통보 없이 조회로만 확인합니다.",
        "KIS_HTS_ID is missing: fills are seen by polling only.",
    ),
    "us_disabled": (
        "미국 데스크가 설정에서 꺼져 있습니다 (trading.enabled).",
        "The US desk is off in the configuration (trading.enabled).",
    ),
    "krx_disabled": (
        "국내 데스크가 설정에서 꺼져 있습니다 (domestic.enabled).",
        "The KRX desk is off in the configuration (domestic.enabled).",
    ),
    "token_in_memory": (
        "AUTOTRADE_MASTER_PASSPHRASE가 없어 접근토큰을 메모리에만 둡니다.",
        "AUTOTRADE_MASTER_PASSPHRASE is missing: the access token is kept in memory only.",
    ),
    "kakao_no_keys": (
        "KAKAO_REST_API_KEY 또는 KAKAO_REFRESH_TOKEN이 없어 카카오톡 알림은 없습니다.",
        "kakao.enabled, but KAKAO_REST_API_KEY or KAKAO_REFRESH_TOKEN is missing: no KakaoTalk.",
    ),
    "kakao_in_memory": (
        "AUTOTRADE_MASTER_PASSPHRASE가 없어 갱신된 카카오 토큰은 재시작하면 사라집니다.",
        "AUTOTRADE_MASTER_PASSPHRASE is missing: a renewed Kakao token is lost with the process.",
    ),
}


def start_notices(notices: Iterable[str], lang: Lang) -> str | None:
    """One line each; None when there is nothing to say. Unknown ones are shown as they are."""
    said = [f"⚠️ {_say(notice, lang)}" for notice in notices if notice != DEMO]
    return lines(*said) if said else None


def guide(lang: Lang) -> str:
    """What to try in a demo; said once, after the start."""
    return lang.pick(
        "🧪 <b>데모</b>: 가짜 돈, 진짜와 같은 프로그램입니다. 여기서는 /mode live와 [실전]도 "
        "이 컴퓨터 안의 가짜 KIS입니다. 진짜 계좌와 돈에는 닿지 않습니다. "
        "처음의 /start, /mode live와 /why는 데모가 대신 칩니다.\n"
        "1. 한국 아침이면 09:05부터 돌파를 찾아 스스로 사고팝니다. 후보는 /scan, 이유는 /why. "
        f"국내 종목은 모두 지어낸 것입니다: {code(f'/why {INVENTED}')}\n"
        "2. 뉴욕 아침이면 증권사 앱에서 산 듯 AAPL 5주가 체결됩니다. 매도까지 보세요.\n"
        "3. /positions · /status · /help, 또는 아래 버튼\n"
        "4. 패널에서 직접 사고, 시세를 움직이고, 다른 장으로 건너뛰어 보세요.\n"
        "5. 고장 내 보세요: 소켓 끊기, 주문 응답 유실, 텔레그램 중단\n"
        "6. /stop: 무엇을 멈출지 묻습니다.",
        "🧪 <b>Demo</b>: play money, the same program. Here /mode live and [LIVE] too mean the "
        "make-believe KIS inside this computer: no real account or money can be reached. "
        "The first /start, /mode live and /why are typed for you by the demo.\n"
        "1. On a Korean morning it buys and sells breakouts by itself from 09:05 on. "
        "Candidates: /scan, reasons: /why. "
        f"The Korean stocks are all invented: {code(f'/why {INVENTED}')}\n"
        "2. On a New York morning 5 AAPL are bought as if in the broker's app. "
        "Watch them seen, then sold.\n"
        "3. /positions · /status · /help, or the keys below\n"
        "4. In the panel: buy by hand, move a price, skip to another session.\n"
        "5. Try to break it: cut the socket, lose an order's answer, take Telegram down.\n"
        "6. /stop asks what to stop.",
    )


def _say(notice: str, lang: Lang) -> str:
    if notice.startswith(f"{OLD_KEY}:"):
        _, name, days = notice.split(":")
        return lang.pick(
            f"{foreign(name)}: {foreign(days)}일 이상 됐습니다. 새로 발급해 바꾸세요: ",
            f"{foreign(name)} is at least {foreign(days)} days old. Have a new one issued: ",
        ) + code(f"run.py secrets set {foreign(name)}")
    if notice.startswith(_RESTORED):
        return _restored(notice.removeprefix(_RESTORED), lang)
    known = _WORDS.get(notice)
    return foreign(notice, _LONGEST) if known is None else lang.pick(*known)


def _restored(made_at: str, lang: Lang) -> str:
    at = foreign(made_at)
    return lang.pick(
        f"백업({at})을 복원했습니다. 설정과 장부는 그때의 것입니다. /resume 전까지 청산만 합니다. "
        "실전이던 데스크가 낮은 모드라면 보유 종목을 팔지 않습니다: /mode live",
        f"A backup of {at} was restored; settings and books are of that time. Exits only until "
        "/resume. A desk that was live and is lower now sells nothing: /mode live",
    )
