"""What each setting of the KRX desk means, in a few words; the long story is in config.yaml."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands behind the figure. English has a blank before it, won a sign in front."""

    ko: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Meaning:
    """Of one key, not escaped."""

    ko: str
    en: str
    unit: Unit = Unit()


PCT, WON = Unit(" %", "%"), Unit("원", "₩")
SECONDS, MINUTES, DAYS = Unit("초", "s"), Unit("분", "min"), Unit("일", "days")
TIMES, STOCKS, ORDERS = Unit("번"), Unit("종목"), Unit("건")  # English names what is counted
POINTS, TICKS, FOLD = Unit("점", "points"), Unit("호가", "ticks"), Unit("배", "x")

_STAGES = {
    "weights": Meaning("점수 항목의 가중치, 합 100", "weights of the score's stages, 100 together"),
    "zone_points": Meaning("돌파한 구간마다의 점수", "points of each broken level", PCT),
    "zone_shares": Meaning("돌파한 구간마다 살 몫", "part bought for each broken level", PCT),
    "full_traded_value_krw": Meaning(
        "만점이 되는 하루 거래대금", "day's traded value with full points", WON
    ),
    "max_spread_ticks": Meaning("사도 되는 최대 호가 차이", "widest spread to buy across", TICKS),
    "short_average_days": Meaning("추세를 보는 짧은 평균", "short average of the trend", DAYS),
    "long_average_days": Meaning("추세를 보는 긴 평균", "long average of the trend", DAYS),
    "max_gap_pct": Meaning(
        "시가 갭이 이보다 크면(위아래) 추세 점수 0",
        "opening gap, either way, above which trend brings no points",
        PCT,
    ),
    "min_surge": Meaning("거래량 점수가 시작하는 배율", "volume surge where points begin", FOLD),
    "full_surge": Meaning("거래량 점수가 만점인 배율", "volume surge with full points", FOLD),
    "opening_range_min": Meaning(
        "시가 범위를 재는 시간, 그동안 안 삼",
        "opening range; nothing is bought before its end",
        MINUTES,
    ),
    "n_days": Meaning("N일 고가의 N", "days of the N-day high", DAYS),
    "volatility_k": Meaning(
        "변동성 돌파의 k (시가 + k × 전일 폭)", "k of open + k x yesterday's range"
    ),
    "min_strength": Meaning("체결강도 점수가 시작하는 값", "strength where points begin", PCT),
    "full_strength": Meaning("체결강도 점수가 만점인 값", "strength with full points", PCT),
    "full_index_pct": Meaning(
        "지수가 이만큼 오르면 만점", "rise of the index with full points", PCT
    ),
}
_UNIVERSE = {
    "segments": Meaning("살펴볼 시장", "markets that are looked at"),
    "min_price_krw": Meaning("살펴볼 최저 주가", "lowest price looked at", WON),
    "max_price_krw": Meaning("살펴볼 최고 주가", "highest price looked at", WON),
    "min_traded_value_krw": Meaning(
        "전날 거래대금이 이보다 적으면 제외", "least traded value of the day before", WON
    ),
    "min_market_cap_krw": Meaning("시가총액이 이보다 작으면 제외", "least market value", WON),
    "min_listed_days": Meaning("상장한 지 이보다 짧으면 제외", "least days since listing", DAYS),
    "include_etf": Meaning("ETF도 살펴봄", "ETFs too"),
    "include_etn": Meaning("ETN도 살펴봄", "ETNs too"),
    "include_preferred": Meaning("우선주도 살펴봄", "preferred shares too"),
    "include_spac": Meaning("스팩도 살펴봄", "SPACs too"),
}
_SCAN = {
    "requests_per_second": Meaning(
        "국내 데스크의 초당 KIS 호출", "the KRX desk's calls a second", TIMES
    ),
    "scan.sweep_every_s": Meaning(
        "전 종목을 한 번 훑는 간격", "time between sweeps of all", SECONDS
    ),
    "scan.rankings_every_s": Meaning(
        "KIS 순위를 읽는 간격", "time between reads of KIS's rankings", SECONDS
    ),
    "scan.max_candidates": Meaning("차트를 읽는 후보의 수", "stocks whose charts are read", STOCKS),
    "scan.max_watched": Meaning("실시간으로 보는 종목의 수", "stocks streamed", STOCKS),
    "scan.swap_margin": Meaning(
        "새 종목으로 바꿔 볼 점수 차이", "lead a newcomer needs to be streamed instead", POINTS
    ),
    "scan.keep_watched_s": Meaning(
        "한 종목을 적어도 보는 시간", "least time a stock is streamed", SECONDS
    ),
    "daily_limit": Meaning("국내 데스크의 하루 KIS 호출 한도", "the KRX desk's calls a day", TIMES),
}
_ENTRY = {
    "kind": Meaning("매수 주문의 종류", "kind of an entry order"),
    "threshold": Meaning("사기 시작하는 점수", "score from which a stock is bought", POINTS),
    "min_present_weight": Meaning(
        "점수를 믿기 위해 알아야 할 가중치", "weight that must be known", POINTS
    ),
    "collar_pct": Meaning(
        "현재가 위로 따라 사는 폭", "how far above the last price an entry goes", PCT
    ),
    "timeout_s": Meaning(
        "안 체결된 매수를 거두는 시간", "an unfilled entry is taken back after", SECONDS
    ),
    "max_reprices": Meaning("매수를 다시 내는 횟수", "times an entry is ordered anew", TIMES),
    "last_entry_before_close_min": Meaning(
        "장 마감 전 이 시간부터 안 삼", "no entries this long before the close", MINUTES
    ),
    "max_quote_age_s": Meaning("이보다 오래된 시세로는 안 삼", "oldest price to buy on", SECONDS),
    "cancel_at_end": Meaning(
        "프로그램이 끝날 때 매수 주문을 거둠", "open entries are taken back when the program ends"
    ),
}
_EXIT = {
    "hold_upper_limit": Meaning(
        "상한가면 밤새 보유", "a stock at its upper limit is kept overnight"
    ),
    "stop_loss_pct": Meaning(
        "손절 (평균단가에서 이만큼 내리면 팖)", "stop-loss under the average cost", PCT
    ),
    "take_profit_pct": Meaning("익절 (이만큼 오르면 모두 팖)", "take-profit (all is sold)", PCT),
    "scale_out_pct": Meaning("분할익절 (이만큼 오르면 일부 팖)", "scale-out (a part is sold)", PCT),
    "scale_out_share_pct": Meaning("분할익절 때 파는 몫", "the part sold at the scale-out", PCT),
    "trailing_give_pct": Meaning(
        "추적손절 (고점에서 이만큼 내리면 팖)", "trailing stop under the highest price", PCT
    ),
    "trailing_arm_pct": Meaning(
        "추적손절을 시작하는 수익", "gain that arms the trailing stop", PCT
    ),
    "failed_breakout_pct": Meaning(
        "돌파 실패 (돌파한 값 밑으로 이만큼 내리면 팖)",
        "failed breakout (back under the level by)",
        PCT,
    ),
    "time_stop_min": Meaning("시간청산 (이만큼 지나면 팖)", "time stop (sold after)", MINUTES),
    "time_stop_gain_pct": Meaning(
        "수익이 이보다 크면 시간청산 안 함", "gain above which there is no time stop", PCT
    ),
    "flatten_before_close_min": Meaning(
        "장 마감 전 이 시간에 모두 팖", "all is sold this long before the close", MINUTES
    ),
    "reprice_after_s": Meaning(
        "안 팔린 주문을 새 값으로 내는 시간", "an unfilled sale is repriced after", SECONDS
    ),
}
_RISK = {
    "max_trades": Meaning("하루에 새로 여는 포지션", "positions opened a day", TIMES),
    "max_daily_loss_pct": Meaning("하루 손실 한도 (자산 대비)", "daily loss, of the equity", PCT),
    "max_daily_loss_krw": Meaning("하루 손실 한도 (금액)", "daily loss", WON),
    "max_positions": Meaning("한꺼번에 보유하는 종목", "positions at a time", STOCKS),
    "max_order_krw": Meaning("매수 주문 하나의 한도", "largest entry order", WON),
    "max_orders_per_minute": Meaning("1분에 내는 주문", "orders a minute", ORDERS),
    "loss_streak": Meaning("쉬기까지 잇단 손실", "losses in a row before a pause", TIMES),
    "loss_streak_pause_min": Meaning("잇단 손실 뒤 쉬는 시간", "pause after those losses", MINUTES),
    "symbol_cooldown_min": Meaning(
        "손실 본 종목을 다시 안 사는 시간", "rest of a stock sold at a loss", MINUTES
    ),
    "index_floor_pct": Meaning(
        "지수가 이만큼 내리면 안 삼", "no entries while the index is down by", PCT
    ),
    "sizing.risk_per_trade_pct": Meaning(
        "손절 한 번에 잃는 몫 (자산 대비)", "of the equity, lost at one stop", PCT
    ),
    "sizing.max_position_pct": Meaning(
        "한 종목 비중 (자산 대비)", "of the equity in one stock", PCT
    ),
    "sizing.liquidity_share_pct": Meaning(
        "그 종목 오늘 거래대금에서 살 수 있는 몫", "of the value traded today, at most", PCT
    ),
}
KRX: dict[str, Meaning] = {
    f"{section}.{name}": meaning
    for section, names in (
        ("domestic.stages", _STAGES),
        ("domestic.universe", _UNIVERSE),
        ("domestic", _SCAN),
        ("domestic.entry", _ENTRY),
        ("domestic.exit", _EXIT),
        ("risk", _RISK),
    )
    for name, meaning in names.items()
}
