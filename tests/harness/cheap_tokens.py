"""Keys that cost nothing: a real one takes a third of a second a start."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from engine.adapters.secrets import Secret, kdf

PASSPHRASE = Secret("a passphrase for tests")


@contextmanager
def cheap_keys() -> Iterator[None]:
    """Within it, today's cost is next to nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kdf, "TODAY", kdf.Cost(2, 1, 1))
        yield
