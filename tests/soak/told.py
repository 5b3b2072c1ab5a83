"""Which alert a message of the chat is, by its first line, as a trader would tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from tests.e2e.children import Json

_BADGE = re.compile(r"^\[[^\]]*\] ")
_REMINDER = "🔁 "
_AGAIN = "(다시 보냄"
# By the name of the fact that is told. The first that fits counts.
_FIRST_LINES = {
    "fill": r"(매수|매도) (전량|일부) 체결 · ",
    "OrderAccepted": r"^📨 .* 주문 접수$",
    "OrderResolved": r"^✅ .* 주문 확인됨$",
    "OrderUnresolved": r"^🚨 .* 주문 결과 모름$",
    "OrderRejected": r"^🚨 .* 주문 거부$",
    "OrderEnded": r"^↩️ .* 주문 끝남$",
    "SoldElsewhere": r"^[🔴🔵⚪] .* [\d,]+주 직접 매도$",
    "BuySeen": r"^🛒 .* [\d,]+주 매수 확인$",
    "EntryDecided": r"^🎯 .* 매수 결정 · ",
    "EntryRefused": r"^✋ .*, 사지 않음$",
    "StateChanged": r"^\S+ (국내|미국) 데스크: ",
    "TroubleBegan": r"^🚨 .* 문제$",
    "TroubleEnded": r"^✅ .* 복구 \(.* 만에\)$",
    "SymbolHalted": r"^[✅⚡⛔] .* (VI 해제|VI 발동|거래 정지|거래 재개)$",
    "PositionHeld": r"^⏸ .* 계속 보유$",
    "DayPlanned": r"^📋 오늘의 국내 계획",
    "DaySummary": r"^📊 .*하루 요약",
    "QuotaWarning": r"^⚠️ KIS 호출 한도에 가까움$",
    "QuoteStale": r"^🕸 ",
    "PriceBreak": r"^🚨 .* 가격 단절$",
    "MismatchSeen": r"^🚨 .* 장부와 계좌가 다름$",
    "asked": r"^❓ ",
    "HoldingAdopted": r"^➕ .* 관리 시작$",
    "HoldingExcluded": r"^➖ .* 제외$",
}
_KINDS = {kind: re.compile(line) for kind, line in _FIRST_LINES.items()}
# Facts that share one kind of alert.
SAME = {
    "OrderFilled": "fill",
    "EntryFilled": "fill",
    "QuestionAsked": "asked",
    "MismatchAsked": "asked",
}
# Told elsewhere, or only the newest of them: nothing can be counted.
UNCOUNTED = frozenset(
    {
        *("CommandAnswered", "QuestionClosed", "MismatchSettled", "WindowChanged"),
        *("PhaseChanged", "PeriodEnded", "BrokerDiffers", "CalendarWarning", "SmallEnded"),
    }
)
# A stock whose name is its code has the code alone.
_STOCK = re.compile(r"\(([A-Z.]+)\)|\b(\d{6})\b|^\S+ ([A-Z.]+) ")
_DEALT = re.compile(r"^([\d,]+)주 × ([$]?)([\d,.]+)")
_NUMBER = re.compile(r"^번호 (\d+)|접수되어 있습니다: (\d+)")


@dataclass(frozen=True, slots=True)
class Told:
    """One alert. ``text`` is without the badge; ``kind`` a fact's name, or what several share."""

    message_id: int
    kind: str
    text: str

    @property
    def symbol(self) -> str:
        """The stock it is about; blank where there is none."""
        found = _STOCK.search(self.text.partition("\n")[0])
        return "" if found is None else next(filter(None, found.groups()))

    @property
    def side(self) -> str:
        """Of a fill."""
        return "buy" if "매수" in self.text.partition("\n")[0] else "sell"

    @property
    def dealt(self) -> tuple[int, Decimal]:
        """Shares and price of a fill."""
        found = _DEALT.match(self.text.splitlines()[1])
        assert found is not None, self.text
        return int(found[1].replace(",", "")), Decimal(found[3].replace(",", ""))

    @property
    def order_no(self) -> str:
        """The broker's number; blank where none is told."""
        for line in self.text.splitlines():
            if found := _NUMBER.search(line):
                return found[1] or found[2]
        return ""


def alerts(messages: Iterable[Json]) -> Iterator[Told]:
    """Those among a bot's messages, as they were first sent; reminders are none."""
    seen: set[str] = set()
    for message in messages:
        text = first_text(message)
        is_again = text.startswith(_AGAIN)
        if is_again:  # a doubled alert that says so is none if the first one is there
            text = text.partition("\n")[2]
        kind = kind_of(text)
        if kind is None or (is_again and text in seen):
            continue
        seen.add(text)
        yield Told(int(message["message_id"]), kind, text)


def kind_of(text: str) -> str | None:
    """The kind of alert a text without its badge is; None for anything else."""
    if text.startswith(_REMINDER):
        return None
    first = text.partition("\n")[0]
    return next((kind for kind, line in _KINDS.items() if line.search(first)), None)


def first_text(message: Json) -> str:
    """What a message said before anybody edited it, without the badge."""
    edits = message["edits"]
    content = edits[0]["content"] if edits else message["content"]
    return _BADGE.sub("", str(content.get("text", "")))
