"""How the calls of one desk to the broker's API fare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallTally:
    """What the latest calls came to, over everything the desk asks for.

    ``errors``: calls in a row that brought nothing usable, each counted once however often it was
    tried; a definite answer, a refusal of business included, ends the row. ``unanswered_since``:
    when the first call was sent since which none was answered at all; None: the last one was.
    ``unanswered_until``: when the latest of those was sent; a long pause begins a new row.
    ``calls`` and ``refused``: of the last sixty seconds, and how many of them were refused for
    their rate. ``skew_s``: seconds by which this machine's clock is ahead of the broker's,
    negative: behind; None: not measured.
    """

    errors: int = 0
    unanswered_since: datetime | None = None
    calls: int = 0
    refused: int = 0
    skew_s: int | None = None
    unanswered_until: datetime | None = None
