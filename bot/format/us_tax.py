"""What the tax year of US shares comes to so far, said as the estimate it is."""

from __future__ import annotations

from bot.format import numbers
from bot.format.lang import Lang
from bot.format.markup import bold, lines
from reports.us_tax import TaxYear


def short(found: TaxYear, lang: Lang) -> str:
    """Gains against the allowance, the tax on what is above, and what is not in it."""
    return lines(_gain(found, lang), _left_out(found, lang), _before_fees(found, lang))


def us_tax(found: TaxYear, lang: Lang) -> str:
    """With what it rests on."""
    basis = lang.pick(
        "결제일 기준, 취득가도 매도 때 환율로 환산. 신고는 증권사 자료로 하세요.",
        "By day of settlement; the cost by the sale's rate too. Declare by your broker's papers.",
    )
    return lines(
        bold(lang.pick("🧾 양도소득세", "🧾 Capital gains tax")),
        short(found, lang),
        basis,
    )


def _gain(found: TaxYear, lang: Lang) -> str:
    gain = numbers.signed(found.gain, lang)
    allowance = numbers.amount(found.rule.allowance, lang)
    told = lang.pick(
        f"{found.year}년 해외주식 양도차익(추정) {gain}",
        f"Gains of US shares in {found.year} (estimate) {gain}",
    )
    if not found.taxable:
        left = numbers.amount(found.left, lang)
        return told + lang.pick(
            f" · 기본공제 {allowance} 중 {left} 남음",
            f" · {left} of the allowance of {allowance} left",
        )
    taxable, tax = numbers.amount(found.taxable, lang), numbers.amount(found.tax, lang)
    rate = f"{found.rule.rate_pct.normalize():f} %"
    return told + lang.pick(
        f" · 기본공제 {allowance} 초과 {taxable} → 세금 약 {tax} ({rate})",
        f" · {taxable} above the allowance of {allowance}: about {tax} of tax ({rate})",
    )


def _left_out(found: TaxYear, lang: Lang) -> str | None:
    counted = (
        (found.lacks_rate, lang.pick("환율 없음", "no rate")),
        (found.lacks_cost, lang.pick("매수가 모름", "cost unknown")),
        (found.by_hand, lang.pick("직접 매도", "sold by hand")),
    )
    told = ", ".join(lang.pick(f"{name} {n}건", f"{n} {name}") for n, name in counted if n)
    return lang.pick("빠진 체결: ", "Not in it: ") + told if told else None


def _before_fees(found: TaxYear, lang: Lang) -> str | None:
    count = found.lacks_entry_fee
    if not count:
        return None
    return lang.pick(f"{count}건은 매수 비용 빼기 전", f"{count} before buying costs")
