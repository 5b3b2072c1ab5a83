"""Where a demo lives: its directory, its port, and the way to it from another computer."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sandbox import demo_words as words

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65_535
_SSH_PORT = "22"
_SSH_FIELDS = 4  # the client's address and port, then this machine's


@contextlib.contextmanager
def demo_directory(named: Path | None, say: Callable[[str], None]) -> Iterator[Path]:
    """The directory that was named, or a fresh one that goes with a demo that ended well."""
    if named is not None:
        yield named
        return
    fresh = Path(tempfile.mkdtemp(prefix="dolpa-demo-"))
    try:
        yield fresh
    except BaseException:
        say(words.kept_in(str(fresh)))
        raise
    shutil.rmtree(fresh, ignore_errors=True)


def why_not(port: int) -> str:
    """Why nobody can serve on that port of loopback, and what to do; empty where one can."""
    with socket.socket() as probe:
        if os.name == "posix":  # as asyncio does: what was closed a moment ago is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            again = f"python3 run.py demo --port {other_port(port)}"
            return f"port {port} cannot be used: {error.strerror}. Try {again}"
    return ""


def other_port(port: int) -> int:
    """One to try instead; 0 is any free one."""
    return port + 1 if port < HIGHEST_PORT else 0


def way_in(url: str, environ: Mapping[str, str]) -> list[str]:
    """What to open, and over SSH how to bring it to one's own computer."""
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) != _SSH_FIELDS:
        return [words.open_page(url)]
    *_, host, ssh_port = connection
    port = url.rpartition(":")[2]
    at_port = "" if ssh_port == _SSH_PORT else f"-p {ssh_port} "
    user = environ.get("USER", "USER")
    command = f"ssh -L {port}:{LOOPBACK}:{port} {at_port}{user}@{host}"
    return [words.tunnel(command), words.open_page(url)]
