"""The one place that knows real classes."""

from engine.wiring.assembly import Assembly
from engine.wiring.opening import open_assembly
from engine.wiring.places import Paths, make_clock, sandbox_of

__all__ = ["Assembly", "Paths", "make_clock", "open_assembly", "sandbox_of"]
