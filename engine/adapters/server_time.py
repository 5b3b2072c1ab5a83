"""What a server says the time is: the Date header of its replies, in whole seconds."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

_ANSWER_S = 5.0


def time_in(header: str) -> datetime | None:
    """A Date header as an aware time; None where it holds none."""
    try:
        told = parsedate_to_datetime(header)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # the library lets more than its own word for "no date" out
    return told if told.tzinfo is not None else None


async def fetch_time(url: str) -> datetime | None:
    """Ask the server behind an address; None where it does not answer, or does not say."""
    parts = urlsplit(url)
    try:
        async with httpx.AsyncClient(timeout=_ANSWER_S, trust_env=False) as client:
            reply = await client.head(f"{parts.scheme}://{parts.netloc}/")
    except httpx.HTTPError:
        return None
    return time_in(reply.headers.get("date", ""))
