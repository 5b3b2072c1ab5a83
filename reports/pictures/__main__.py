"""The child: a request on stdin, pictures on stdout, then it ends."""

from __future__ import annotations

import gc
import logging
import os
import sys

from reports.pictures import wire
from reports.pictures.drawing import fonts, gallery

_NICER = 10
_MOST_BYTES = 1 << 30  # of address space; resident it is about 100 MB
_MOST_CPU_S = 30  # ten times what ten charts take; a busy machine stretches the clock, not this


def main() -> int:
    """0 when all was drawn."""
    _yield_to_the_desks()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    gc.disable()  # it ends before garbage matters
    fonts.face()  # what can be done before the request is here
    request = wire.load_request(sys.stdin.buffer.read())
    for content in wire.dump_pictures(gallery.drawn(request)):
        sys.stdout.buffer.write(content)
    return 0


def _yield_to_the_desks() -> None:
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on every system

    os.nice(_NICER)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_CPU_S, _MOST_CPU_S))


if __name__ == "__main__":
    sys.exit(main())
