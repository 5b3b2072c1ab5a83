"""What can be set on the WebSocket side, and the widths of records as they may change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

TODAY: Mapping[str, int] = {
    "HDFSCNT0": 26,
    "HDFSASP0": 71,
    "H0GSCNI0": 25,
    "H0GSCNI9": 25,
    "H0STCNT0": 47,
    "H0STASP0": 63,
    "H0STMKO0": 11,
    "H0STCNI0": 26,
    "H0STCNI9": 26,
}
# Before 2026 and, for H0STCNT0 and H0STASP0, before 2026-09-14.
OLDER: Mapping[str, int] = {
    "HDFSCNT0": 25,
    "HDFSASP0": 17,
    "H0GSCNI0": 24,
    "H0GSCNI9": 24,
    "H0STCNT0": 46,
    "H0STASP0": 62,
    "H0STMKO0": 10,
    "H0STCNI0": 26,
    "H0STCNI9": 26,
}
OLDEST: Mapping[str, int] = {
    "HDFSCNT0": 25,
    "HDFSASP0": 16,
    "H0GSCNI0": 21,
    "H0GSCNI9": 21,
    "H0STCNT0": 46,
    "H0STASP0": 59,
    "H0STMKO0": 10,
    "H0STCNI0": 23,
    "H0STCNI9": 23,
}

# The layouts that lack RSYM, the first column.
_WITHOUT_RSYM = frozenset({("HDFSCNT0", 25), ("HDFSASP0", 16)})
# Domestic notices before 2025-03 had the short name where four columns came later. Every other
# narrower layout lacks columns at the end.
_SHORT_NOTICES = frozenset({("H0STCNI0", 23), ("H0STCNI9", 23)})
_SHORT_NOTICE = (*range(18), 24, *range(22, 26))


@dataclass(frozen=True, slots=True)
class SocketSettings:
    """How the server behaves. All seconds are market time.

    ``widths`` overrides today's column counts per TR; ``paper_notices`` lets H0GSCNI9 and
    H0STCNI9 deliver, otherwise they are acknowledged and silent, as reported from the field.
    """

    ping_seconds: float = 100.0
    max_unanswered: int = 2
    slot_hold_seconds: float = 60.0
    max_registrations: int = 41
    max_records: int = 20
    poll_seconds: float = 1.0
    paper_notices: bool = False
    trailing_caret: bool = False
    widths: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a setting under which the server could not work.

        Raises:
            ValueError: a time or a count is not above zero, or a TR has no columns.
        """
        for name in ("ping_seconds", "poll_seconds", "max_registrations", "max_records"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0, got {getattr(self, name)}")
        for tr_id, width in self.widths.items():
            _require_width(tr_id, width)


class Layout:
    """The column counts in force; a change reaches every session at once."""

    def __init__(self, widths: Mapping[str, int]) -> None:
        self._widths = {**TODAY, **widths}

    def width(self, tr_id: str) -> int:
        """Columns of one record."""
        return self._widths[tr_id]

    def change(self, tr_id: str, width: int) -> None:
        """Use another width from now on."""
        _require_width(tr_id, width)
        self._widths[tr_id] = width

    def fit(self, tr_id: str, columns: Sequence[str]) -> tuple[str, ...]:
        """Today's columns, cut or lengthened to the width in force."""
        width = self._widths[tr_id]
        if (tr_id, width) in _WITHOUT_RSYM:
            return tuple(columns[1 : width + 1])
        if (tr_id, width) in _SHORT_NOTICES:
            return tuple(columns[index] for index in _SHORT_NOTICE)
        return (*columns[:width], *("0" for _ in range(width - len(columns))))


def _require_width(tr_id: str, width: int) -> None:
    if tr_id not in TODAY or width < 1:
        raise ValueError(f"widths: no such layout: {tr_id}={width}")
