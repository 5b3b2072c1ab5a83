"""Replies and frames as KIS sent them, where the recorded data lies beside the repository."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parent.parent.parent
_DATA = Path(os.environ.get("DOLPA_MARKET_DATA", _ROOT.parent / "shared" / "data"))


def frames() -> tuple[str, ...]:
    """Raw text of socket frames; none without the data."""
    return tuple(str(line["raw"]) for line in _lines("ws-frames.jsonl"))


def bodies() -> tuple[tuple[str, dict[str, Any]], ...]:
    """Transaction id and body of replies; none without the data."""
    found = ((line["tr_id"], line["body"]) for line in _lines("rest.jsonl"))
    return tuple((str(tr_id), body) for tr_id, body in found if isinstance(body, dict))


def _lines(name: str) -> list[dict[str, Any]]:
    path = _DATA / "kis-replies" / name
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
