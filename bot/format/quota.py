"""/quota as text: calls spent and left, and what the KRX desk plans to spend them on."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from bot.format import words
from bot.format.bars import bar
from bot.format.lang import Lang
from bot.format.markup import bold, foreign, lines
from bot.format.score import figure
from bot.format.table import table
from engine.model.ids import DeskName
from engine.model.krx_views import PlanView
from engine.model.quota import NO_CAP, Quota

_MAX_GIVEN_UP = 6
_TENTH = Decimal("0.1")
_PURPOSES: dict[str, tuple[str, str]] = {
    "account": ("계좌", "account"),
    "sweep": ("전체 훑기", "sweep"),
    "rankings": ("순위", "rankings"),
    "rows": ("후보 시세", "candidates"),
    "charts": ("차트", "charts"),
    "index": ("지수", "index"),
    "states": ("종목 상태", "states"),
    "orders": ("주문", "orders"),
    "order": ("주문", "orders"),
    "scan": ("훑기·지수", "scans, index"),
    "chart": ("차트", "charts"),
    "quote": ("시세·상태", "quotes, states"),
}


def quota(value: Quota, lang: Lang) -> str:
    """The US desk's calls spent and left, with what happens at each cap."""
    left = max(0, value.safe_per_day - value.used_today)
    return lines(
        bold(lang.pick("KIS 호출 한도 (미국)", "KIS call quota (US)")),
        bar(value.used_today, value.safe_per_day),
        lang.pick(
            f"오늘 {value.used_today:,} / {value.safe_per_day:,}회 · 남음 {left:,}회",
            f"Today {value.used_today:,} of {value.safe_per_day:,} · left {left:,}",
        ),
        lang.pick(
            f"최근 1시간 {value.used_last_hour:,} / {value.safe_per_hour:,}회",
            f"Last hour {value.used_last_hour:,} of {value.safe_per_hour:,}",
        ),
        lang.pick(
            f"그 뒤 {value.daily_limit:,}회까지는 청산·취소·확인에만 씁니다.",
            f"After that, up to {value.daily_limit:,}: exits, cancels and resolving only.",
        ),
    )


def krx_quota(value: Quota, plan: PlanView | None, lang: Lang) -> str:
    """The KRX desk's calls, and its plan a minute by purpose."""
    cap = f" / {value.daily_limit:,}" if value.has_daily_cap else ""
    return lines(
        bold(lang.pick("KIS 호출 (국내)", "KIS calls (KRX)")),
        lang.pick(
            f"오늘 {value.used_today:,}{cap}회 · 최근 1시간 {value.used_last_hour:,}회",
            f"Today {value.used_today:,}{cap} · last hour {value.used_last_hour:,}",
        ),
        None if value.has_daily_cap else lang.pick("하루 한도 없음", "No daily cap"),
        None if plan is None else _plan(plan, lang),
    )


def quota_line(desk: DeskName, value: Quota, lang: Lang) -> str:
    """One line for /status."""
    label = words.desk(desk, lang)
    day = f"/{value.safe_per_day:,}" if value.has_daily_cap else ""
    hour = f"/{value.safe_per_hour:,}" if value.safe_per_hour < NO_CAP else ""
    return lang.pick(
        f"호출({label}): 오늘 {value.used_today:,}{day}, 1시간 {value.used_last_hour:,}{hour}",
        f"Calls ({label}): today {value.used_today:,}{day}, hour {value.used_last_hour:,}{hour}",
    )


def _plan(plan: PlanView, lang: Lang) -> str:
    rows = [
        (
            _purpose(one.purpose, lang),
            _rate(one.planned_per_minute),
            f"{one.used_today:,}",
        )
        for one in plan.purposes
    ]
    shown = table(rows, "<>>") if rows else None
    given_up = None
    if plan.given_up:
        named = ", ".join(_purpose(name, lang, 24) for name in plan.given_up[:_MAX_GIVEN_UP])
        given_up = lang.pick("예산에 맞추려고 뺀 것: ", "Left out to fit: ") + foreign(named)
    return lines(
        lang.pick("용도 · 분당 최대 계획 · 오늘 쓴 것", "Purpose · plan/min at most · today"),
        shown,
        lang.pick(
            f"예산 초당 {_rate(plan.per_second)}회 (전체 {_rate(plan.shared_per_second)}회 중)",
            f"Budget {_rate(plan.per_second)}/s of {_rate(plan.shared_per_second)}/s shared",
        ),
        given_up,
    )


def _rate(calls: Decimal) -> str:
    """Worked out from a pause between calls: a tenth is as much as it says."""
    return figure(calls.quantize(_TENTH, ROUND_HALF_UP))


def _purpose(name: str, lang: Lang, limit: int = 40) -> str:
    """Not escaped yet."""
    pair = _PURPOSES.get(name)
    return name[:limit] if pair is None else lang.pick(*pair)
