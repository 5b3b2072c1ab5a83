"""Opens state.db and the sides of KIS, makes the engine of them, and closes what was opened."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from engine.adapters.backup.restoring import ensure_finished
from engine.adapters.kis.network import Network
from engine.adapters.secrets import TOKEN_FILE, Secrets, TokenStore
from engine.adapters.sqlite.db import Database
from engine.adapters.sqlite.schema import STATE
from engine.flow.settings import open_settings
from engine.ports.clock import Clock
from engine.wiring.assembly import Assembly
from engine.wiring.backups import restored_notice
from engine.wiring.places import Paths, absences, make_sides, start_modes
from engine.wiring.second import open_second
from engine.wiring.stores import Stores


@asynccontextmanager
async def open_assembly(
    paths: Paths,
    secrets: Secrets,
    clock: Clock,
    *,
    version: str,
    end_program: Callable[[], None],
    network: Network | None = None,
    state: Path | None = None,
) -> AsyncIterator[tuple[Assembly, tuple[str, ...]]]:
    """Open state and books and build everything; yields it with notices for the start message.

    ``network`` None: KIS is reached over the network. ``state`` None: state.db of the data
    directory.

    Raises:
        ConfigError: configuration, secrets or a database do not fit.
        JournalFailed: state.db cannot be read.
    """
    ensure_finished(paths.data)
    async with AsyncExitStack() as stack:
        database = Database(state or paths.data / "state.db", STATE)
        stores = Stores(await stack.enter_async_context(database), clock)
        stack.push_async_callback(stores.counts.close)
        settings = await open_settings(paths.config, stores.settings)
        config = settings.loaded.config
        tokens = TokenStore(paths.data / TOKEN_FILE, secrets.master_passphrase)
        network = network or Network()
        sides = make_sides(config, secrets, paths, stores.counts, clock, network, cache=tokens)
        for side in sides.all():
            stack.push_async_callback(side.http.close)
        kept = (stores.settings, stores.values)
        modes, notices = await start_modes(config, *kept, sides, clock)
        notices += await restored_notice(config, *kept)
        parts = (paths, stores, settings, sides, clock, modes)
        assembly = Assembly(*parts, version=version, end_program=end_program)
        assembly.second = await stack.enter_async_context(open_second(config, secrets, tokens))
        stack.push_async_callback(assembly.table.close)
        stack.push_async_callback(assembly.note_presence)
        yield assembly, (*settings.loaded.notices, *notices, *absences(config, secrets, paths.data))
