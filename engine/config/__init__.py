"""The configuration: file, chat overrides, checks."""

from engine.config.checks import is_loopback_url
from engine.config.editing import edited
from engine.config.effect import (
    after_reload,
    applies_at_next_start,
    as_lines,
    krx_settings,
    target_key,
    text_of,
    us_settings,
    value_of,
)
from engine.config.keys import CHECKS, TARGETS
from engine.config.loading import (
    FileValues,
    Loaded,
    combine,
    faults,
    load_config,
    nearest_key,
    read_file,
)
from engine.config.sections import Config, Language
from engine.config.settable import (
    SETTABLE,
    check_value,
    find_settable,
    nearest_settable,
)
from engine.config.settable_rows import Settable
from engine.config.sources import Source

__all__ = [
    "CHECKS",
    "SETTABLE",
    "TARGETS",
    "Config",
    "FileValues",
    "Language",
    "Loaded",
    "Settable",
    "Source",
    "after_reload",
    "applies_at_next_start",
    "as_lines",
    "check_value",
    "combine",
    "edited",
    "faults",
    "find_settable",
    "is_loopback_url",
    "krx_settings",
    "load_config",
    "nearest_key",
    "nearest_settable",
    "read_file",
    "target_key",
    "text_of",
    "us_settings",
    "value_of",
]
