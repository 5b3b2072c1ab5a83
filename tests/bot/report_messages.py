"""What stands under a report: the tax year, both desks together, what is still held."""

from __future__ import annotations

from dataclasses import replace

from bot.format import report, together, us_tax
from bot.format.lang import Lang
from bot.format.open_gain import open_gain
from engine.model.ids import DeskName
from tests.bot import report_samples
from tests.bot.krx_samples import with_krx
from tests.bot.samples import position, status_view, us_view


def report_messages(lang: Lang) -> dict[str, str]:
    """By the name of the snapshot."""
    under, above, loss = report_samples.tax_years()
    unpriced = replace(position(), last_price=None, priced_at=None)
    some = replace(status_view(), us=replace(us_view(), positions=(position(), unpriced)))
    return {
        "report_us_year": report.report(report_samples.us_year(), lang),
        "report_together": together.together(report_samples.both(), lang),
        "report_tax_under": us_tax.us_tax(under, lang),
        "report_tax_above": us_tax.us_tax(above, lang),
        "report_tax_loss": us_tax.us_tax(loss, lang),
        "report_open_us": open_gain(some, DeskName.US, lang) or "",
        "report_open_krx": open_gain(with_krx(status_view()), DeskName.KRX, lang) or "",
    }
