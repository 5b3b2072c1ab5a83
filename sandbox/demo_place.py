"""Where a demo lives: its directory, its port, and the way to it from another computer."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

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
        say(f"What the demo wrote is kept in {fresh}")
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
            other = port + 1 if port < HIGHEST_PORT else 0
            return f"port {port} cannot be used: {error.strerror}. Try run.py demo --port {other}"
    return ""


def way_in(url: str, environ: Mapping[str, str]) -> list[str]:
    """What to open, and over SSH how to bring it to one's own computer."""
    opened = f"Open {url}/ in your browser (Ctrl-C ends the demo)"
    connection = environ.get("SSH_CONNECTION", "").split()
    if len(connection) != _SSH_FIELDS:
        return [opened]
    *_, host, ssh_port = connection
    port = url.rpartition(":")[2]
    other_port = "" if ssh_port == _SSH_PORT else f"-p {ssh_port} "
    return [
        "You came by SSH. On your own computer, in another terminal (put USER@HOST as you log in):",
        f"  ssh -L {port}:{LOOPBACK}:{port} {other_port}{environ.get('USER', 'USER')}@{host}",
        opened,
    ]
