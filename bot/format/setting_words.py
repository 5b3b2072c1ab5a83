"""Settings in the trader's words: what a key means, and its value with the unit."""

from __future__ import annotations

import re
from decimal import Decimal

from bot.format.lang import Lang
from bot.format.setting_meanings import (
    DAYS,
    KRX,
    PCT,
    SECONDS,
    TIMES,
    WON,
    Meaning,
)

TARGET = "order_settings.target_profit_rate"
_OWN_TARGET = re.compile(r"(?:order_settings\.targets\.|held_target:)(.+)")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,8})?")
_LONG_NUMBER = re.compile(r"(?<![0-9.])[0-9]{5,15}(?![0-9])")

_US = {
    TARGET: Meaning("목표 수익률 (닿으면 팖)", "target (gain at which a holding is sold)", PCT),
    "order_settings.sell_price": Meaning("파는 주문의 값", "price of a sale"),
    "order_settings.execution": Meaning("파는 방식", "way of selling"),
    "order_settings.include_costs": Meaning("목표를 수수료를 뺀 수익으로 셈", "target after fees"),
    "order_settings.existing_holdings": Meaning(
        "시작 전부터 가진 주식", "holdings from before the start"
    ),
    "order_settings.at_window_end": Meaning(
        "뉴욕 12시에 남은 주문", "orders still open at 12:00 New York"
    ),
    "order_settings.max_gain_pct": Meaning(
        "평균단가보다 이만큼 넘게 오르면 안 팔고 물음",
        "a larger gain over the average cost is asked about",
        PCT,
    ),
    "order_settings.max_day_move_pct": Meaning(
        "전일 종가에서 이보다 멀면 안 팔고 물음",
        "a price further from yesterday's close is asked about",
        PCT,
    ),
    "order_settings.max_quote_age_s": Meaning(
        "시세가 이보다 오래되면 안 팔고 물음", "an older price is asked about", SECONDS
    ),
    "order_settings.reprice_after_s": Meaning(
        "안 팔린 주문을 새 값으로 내는 시간", "an unfilled sale is repriced after", SECONDS
    ),
    "order_settings.max_reprices": Meaning("값을 다시 내는 횟수", "reprices of a sale", TIMES),
    "order_settings.stale_gap_pct": Meaning(
        "두 시세가 이보다 다르면 멈춘 시세로 봄", "two sources differ by more (a stale price)", PCT
    ),
    "trading.polling_min_s": Meaning(
        "장 시작 전 계좌를 보는 가장 짧은 간격", "shortest poll interval before the open", SECONDS
    ),
    "trading.polling_max_s": Meaning(
        "장 시작 전 계좌를 보는 가장 긴 간격", "longest poll interval before the open", SECONDS
    ),
    "rate_limit.safe_per_hour": Meaning(
        "미국 데스크의 한 시간 안전 호출", "the US desk's safe calls an hour", TIMES
    ),
    "rate_limit.safe_per_day": Meaning(
        "미국 데스크의 하루 안전 호출, 나머지는 청산용",
        "the US desk's safe calls a day; the rest is for exits",
        TIMES,
    ),
    "costs.us_fee_pct": Meaning("미국 수수료, 편도", "US commission, one way", PCT),
}
_OTHERS = {
    "language": Meaning("대화의 언어", "language of the chat"),
    "costs.krx_fee_pct": Meaning("국내 수수료, 편도", "KRX commission, one way", PCT),
    "rate_limit.safe_per_second": Meaning(
        "초당 KIS 호출, 두 데스크 함께", "calls to KIS a second, both desks", TIMES
    ),
    "rate_limit.daily_limit": Meaning(
        "미국 데스크의 하루 KIS 호출 한도", "the US desk's calls a day", TIMES
    ),
    "live.min_days": Meaning("실전 전에 모의로 돌릴 날", "days of practice before LIVE", DAYS),
    "live.min_trades": Meaning("실전 전에 모의로 팔 횟수", "sales in practice before LIVE", TIMES),
    "live.small_order_krw": Meaning("소액 기간의 주문 한도", "largest entry order at first", WON),
    "live.small_round_trips": Meaning(
        "소액으로 사고파는 횟수, 0이면 처음부터 온전히",
        "round trips of small orders (with 0, full size at once)",
        TIMES,
    ),
}
MEANINGS: dict[str, Meaning] = {**_US, **_OTHERS, **KRX}
_VALUES = {
    "null": ("없음", "none"),
    "true": ("켬", "on"),
    "false": ("끔", "off"),
    "bid": ("매수호가", "best bid"),
    "target": ("목표가", "target price"),
    "last": ("현재가", "last price"),
    "monitor": ("지켜보다 팖", "watch and sell"),
    "resting": ("목표가에 미리 걸어 둠", "an order waits at the target"),
    "ask": ("물어봄", "ask"),
    "always": ("늘 맡음", "always managed"),
    "never": ("그대로 둠", "left alone"),
    "follow": ("끝까지 따라감", "followed to the end"),
    "cancel": ("취소", "cancelled"),
    "limit": ("지정가", "limit order"),
    "market": ("시장가", "market order"),
    "ko": ("한국어", "Korean"),
    "en": ("영어", "English"),
}
_PLAIN = {"null"}  # said in words alone
_AS_MODE = ("trading.mode", "domestic.mode")  # null there is the mode of both desks
_ALLOWED = (
    (r"one or more of (.+)", "{0} 가운데 하나 이상"),
    (r"(.+): 0 - 100 each", "{0}: 저마다 0 - 100"),
    (r"SYMBOL: (.+) for each symbol", "SYMBOL: 종목마다 {0}"),
    (r"(.+) for each day", "날마다 {0}"),
    (r"a list of (.+)", "{0} 목록"),
    (r"(\S+) \(fixed, New York time\)", "{0} (고정, 뉴욕 시간)"),
    (r"a host name or an IP address, such as (\S+)", "호스트 이름이나 IP 주소, 보기 {0}"),
    (r"(\S+) or (\S+)", "{0} 또는 {1}"),
)


def meaning(key: str, lang: Lang) -> str | None:
    """What a key of config.yaml is for; None for one that only the file sets. Not escaped."""
    found = MEANINGS.get(key)
    return None if found is None else lang.pick(found.ko, found.en)


def value(key: str, text: str, lang: Lang) -> str:
    """The value with its unit, or a word of ours with what it means. Not escaped."""
    if text == "null" and key in _AS_MODE:
        return lang.pick("mode를 따름", "as mode")
    if text in _VALUES:
        said = lang.pick(*_VALUES[text])
        return said if text in _PLAIN or said == text else f"{text} ({said})"
    found = MEANINGS.get(TARGET if own_symbol(key) else key)
    if found is None or _NUMBER.fullmatch(text) is None:
        return text
    figure = f"{Decimal(text):,f}"
    if found.unit is WON:
        return lang.pick(f"{figure}원", f"₩{figure}")
    en = f"{figure} {found.unit.en}" if found.unit.en else figure
    return lang.pick(f"{figure}{found.unit.ko}", en)


def allowed(text: str, lang: Lang) -> str:
    """What a check allows, in the trader's language, thousands marked. Not escaped."""
    if lang is Lang.KO:
        text = _in_korean(text)
    marked = _LONG_NUMBER.sub(lambda found: f"{int(found[0]):,}", text)
    for unit, ko in (("KRW", "원, 200만이나 1.5억처럼도"), ("s", "초"), ("min", "분")):
        marked = marked.replace(f"({unit})", f"({lang.pick(ko, unit)})")
    return marked.replace("| null", lang.pick("| null (없음)", "| null (none)"))


def _in_korean(text: str) -> str:
    for pattern, ko in _ALLOWED:
        if found := re.fullmatch(pattern, text):
            return ko.format(*found.groups())
    return text


def own_symbol(key: str) -> str | None:
    """The stock whose own or kept target a row of the settings is."""
    found = _OWN_TARGET.fullmatch(key)
    return None if found is None else found[1]
