"""The pinned card: the whole assistant at one glance, as narrow as a phone.

The Speaker puts the badge before it, so it begins with the state of a desk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.format import desks, numbers, status, words
from bot.format.bars import bar
from bot.format.card_krx import krx_lines
from bot.format.guards import guard_lines
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from bot.format.positions import more, title
from bot.format.times import KST
from engine.model.ids import DeskName
from engine.model.krx_views import KrxDeskView
from engine.model.money import ZERO_USD, FxRate, Money, Usd
from engine.model.status import StatusView
from engine.model.views import BalanceView, DayView, LotState, PositionView, UsDeskView

MARK = "📌"  # no other message has it
_MAX_ROWS = 12
_ON_THE_WAY = {LotState.ARMED, LotState.SELLING}


@dataclass(frozen=True, slots=True)
class Books:
    """What a desk has and what its day brought. ``day`` None: it cannot be read."""

    balance: BalanceView[Money]
    day: DayView[Money] | None


def card(view: StatusView, books: Mapping[DeskName, Books], lang: Lang) -> str:
    """Everything but the time: equal texts mean that nothing changed."""
    running = desks.running(view)
    if not running:
        return lines(
            f"{MARK} ⚪ {bold('Dolpa')} {lang.pick('데스크가 꺼져 있음', 'no desk is running')}",
            status.trouble_lines(view, lang),
        )
    blocks = (_block(name, desk, books.get(name), view, lang) for name, desk in running)
    return lines(f"{MARK} " + "\n\n".join(blocks), status.trouble_lines(view, lang))


def dated(text: str, now: datetime, lang: Lang) -> str:
    """The card with the moment of its figures; it is only redrawn when one of them moves."""
    at = f"{now.astimezone(KST):%H:%M:%S} KST"
    return lines(text, lang.pick(f"기준 {at} · 바뀔 때 고침", f"As of {at} · redrawn on a change"))


def switched_off(now: datetime, lang: Lang) -> str:
    """What stays of the card when the program has ended."""
    at = f"{now.astimezone(KST):%m-%d %H:%M:%S} KST"
    return lines(
        f"{MARK} ⏹ {bold(lang.pick('꺼져 있음', 'Switched off'))}",
        lang.pick(f"{at}부터 감시하지 않습니다.", f"Watching nothing since {at}."),
    )


def _block(
    name: DeskName, desk: desks.DeskView, books: Books | None, view: StatusView, lang: Lang
) -> str:
    day = None if books is None else books.day
    head = _desk(name, desk, day, view.now, lang)
    if isinstance(desk, KrxDeskView):
        balance = None if books is None else _equity(books.balance, desk, None, lang)
        return lines(head, balance, *krx_lines(desk, lang))
    fx = desk.fx if books is None else books.balance.fx or desk.fx
    return lines(
        head,
        None if books is None else _equity(books.balance, desk, fx, lang),
        _day(day, fx, lang),
        _open_pnl(desk, lang),
        *_positions(desk, lang),
        _waiting(desk, lang),
        _quota(view, lang),
        *guard_lines(desk.guards, lang),
    )


def _desk(
    name: DeskName,
    desk: desks.DeskView,
    day: DayView[Money] | None,
    now: datetime,
    lang: Lang,
) -> str:
    """The first line is all that the bar of pinned messages shows."""
    label = bold(words.desk(name, lang))
    today = f" · {lang.pick('오늘', 'today')} {numbers.signed(day.net, lang)}" if day else ""
    return lines(
        f"{desks.MARKS[desk.state]} {label} {words.state(desk.state, lang)}{today}",
        status.latch_lines(desk, lang),
        lang.pick("지금 ", "Now ") + desks.doing(desk, lang),
        _next_event(desk, now, lang),
    )


def _next_event(desk: desks.DeskView, now: datetime, lang: Lang) -> str | None:
    if desk.next_change is None:
        return None
    at, here = desk.next_change.astimezone(KST), now.astimezone(KST)
    clock = f"{at:%H:%M}" if at.date() == here.date() else f"{at:%m-%d %H:%M}"
    return lang.pick("다음 ", "Next ") + f"{clock} {desks.doing_next(desk, lang)}"


def _equity(
    balance: BalanceView[Money], desk: desks.DeskView, fx: FxRate | None, lang: Lang
) -> str:
    """Cash and shares, added up only where they are of one moment."""
    cash = balance.deposit
    shares = lang.pick("주식 ", "stocks ") + numbers.amount(balance.market_value, lang)
    unread = (
        None
        if desk.holdings_at is not None
        else lang.pick("계좌를 아직 읽지 않음", "Account not read yet")
    )
    if cash is None:
        unknown = lang.pick("현금은 아직 읽지 않음", "cash not read yet")
        return lines(f"💰 {shares} · {unknown}", unread)
    parts = lang.pick("현금 ", "cash ") + f"{numbers.amount(cash, lang)} · {shares}"
    if balance.is_outdated:
        note = lang.pick(
            "현금은 매매 전 값: 합계는 계좌를 다시 읽은 뒤",
            "cash is from before a trade: the sum comes when the account is read again",
        )
        return lines(f"💰 {parts}", note, unread)
    total = cash + balance.market_value
    name = bold(lang.pick("자산", "Equity"))
    worth = f"{numbers.amount(total, lang)}{numbers.in_won(total, fx, lang)}"
    return lines(f"💰 {name} {worth}", parts, unread)


def _day(day: DayView[Money] | None, fx: FxRate | None, lang: Lang) -> str:
    name = lang.pick("오늘(비용 후)", "Today net of costs")
    if day is not None and day.lacks_entry_fee:
        name = lang.pick("오늘(매수 비용 빼기 전)", "Today before buying costs")
    if day is None:
        return f"{name} {lang.pick('장부를 읽지 못함', 'the book cannot be read')}"
    won = numbers.in_won(day.net, fx, lang, signed=True)
    apart = lang.pick(
        f"직접 매도 {day.apart}건은 넣지 않음", f"{day.apart} sold by hand not counted"
    )
    costless = lang.pick(
        f"매수가를 모르는 매도 {day.lacks_cost}건은 넣지 않음",
        f"{day.lacks_cost} sales of unknown cost not counted",
    )
    return lines(
        f"{numbers.mark(day.net)} {name} {numbers.signed(day.net, lang)}{won}",
        apart if day.apart else None,
        costless if day.lacks_cost else None,
    )


def _open_pnl(us: UsDeskView, lang: Lang) -> str | None:
    if not us.positions:
        return None
    total, priceless = ZERO_USD, 0
    for row in us.positions:
        gain = _gain(row)
        total += gain or ZERO_USD
        priceless += gain is None
    note = lang.pick(f" · 시세 없음 {priceless}", f" · {priceless} without a price")
    is_known = priceless < len(us.positions)
    return (
        f"{numbers.mark(total)} {lang.pick('평가손익(비용 전)', 'Open before costs')} "
        f"{numbers.signed_usd(total) if is_known else '-'}{note if priceless else ''}"
    )


def _gain(row: PositionView) -> Usd | None:
    if row.last_price is None or row.gain_pct is None:
        return None
    return (row.last_price - row.avg_cost) * row.qty


def _positions(us: UsDeskView, lang: Lang) -> tuple[str | None, ...]:
    if not us.positions:
        return (lang.pick("보유 없음", "None held"),)
    rows = (_position(row, lang) for row in us.positions[:_MAX_ROWS])
    return (*rows, more(len(us.positions), _MAX_ROWS, lang))


def _position(row: PositionView, lang: Lang) -> str:
    gain = "-" if row.gain_pct is None else numbers.pct(row.gain_pct)
    return lines(
        f"{numbers.mark(row.gain_pct)} {title(row.symbol, row.name)} {gain}",
        _way(row, lang),
    )


def _way(row: PositionView, lang: Lang) -> str:
    """How far it is to the target, or why nobody goes there."""
    state = words.lot(row.state, lang)
    if row.state not in _ON_THE_WAY:
        return state
    last = row.last_price
    if last is None or last.amount <= 0 or row.gain_pct is None:
        return f"{state} · {lang.pick('현재가 없음', 'no price yet')}"
    way = bar(row.gain_pct, row.target_pct)
    left: Decimal = (row.target_price - last).ratio(last) * 100
    if row.state is LotState.SELLING:
        return f"{way} {state}"
    if left <= 0:
        return f"{way} {lang.pick('목표 도달', 'target reached')}"
    distance = numbers.pct(left).removeprefix("+")
    return f"{way} {lang.pick(f'목표까지 {distance}', f'{distance} to go')}"


def _waiting(us: UsDeskView, lang: Lang) -> str | None:
    """What is open between the trader, the desk and the broker."""
    orders = sum(not order.state.is_final for order in us.orders)
    asked = len(us.questions) + len(us.mismatches)
    parts = [
        lang.pick(f"📨 열린 주문 {orders}", f"📨 open orders {orders}") if orders else None,
        lang.pick(f"❓ 질문 {asked}", f"❓ questions {asked}") if asked else None,
    ]
    return " · ".join(part for part in parts if part is not None) or None


def _quota(view: StatusView, lang: Lang) -> str:
    quota = view.quota
    left = max(0, quota.safe_per_day - quota.used_today)
    way = bar(left, quota.safe_per_day)
    return lang.pick(f"호출 {way} {left:,}회 남음", f"Calls {way} {left:,} left")
