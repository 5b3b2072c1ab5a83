"""What scripted drifts and nudges make of the raw prices of one symbol."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.market import DRIFT_NOISE, Drift

ONE = Decimal(1)


@dataclass(slots=True)
class _Pull:
    """A drift at work: the raw and the real price when it began."""

    drift: Drift
    raw: Decimal
    real: Decimal


@dataclass(slots=True)
class Moves:
    """Scales raw prices. Nothing scheduled: they pass as they are, mid-price trades included."""

    scale: Decimal = ONE
    drifts: list[Drift] = field(default_factory=list)
    pull: _Pull | None = None
    raw: Decimal | None = None

    @property
    def idle(self) -> bool:
        """Whether raw prices are real ones."""
        return self.pull is None and not self.drifts and self.scale == ONE

    def nudge(self, pct: Decimal) -> None:
        """Move every later price by ``pct`` per cent."""
        self.scale *= 1 + pct / 100

    def schedule(self, drift: Drift) -> None:
        """Let a drift lead from its start on."""
        self.drifts.append(drift)
        self.drifts.sort(key=lambda entry: entry.start)

    def real(self, raw: Decimal, at: datetime, last: Decimal | None) -> Decimal:
        """The real price, on no step yet; ``last`` is that of the last trade."""
        while self.drifts and self.drifts[0].start <= at:
            before = raw * self.scale if last is None else last
            self.pull = _Pull(self.drifts.pop(0), self.raw or raw, before)
            self.scale = ONE
        if self.pull is None:
            return raw * self.scale
        drift = self.pull.drift
        elapsed = Decimal((at - drift.start).total_seconds())
        progress = min(ONE, elapsed / max(1, drift.seconds))
        noise = (raw / self.pull.raw - 1) * DRIFT_NOISE
        led = self.pull.real * (1 + drift.pct / 100 * progress) * (1 + noise)
        return led * self.scale

    def start_day(self) -> None:
        """The tape starts from the real close: what moved it is in there already."""
        self.scale, self.pull, self.raw = ONE, None, None
