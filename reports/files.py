"""A report as files in a directory."""

from __future__ import annotations

from pathlib import Path

from engine.model.money import Money
from reports import csv_files, queries
from reports.periods import file_stem
from reports.report import Report


def tables(data: Path, report: Report[Money]) -> dict[str, bytes]:
    """The tables of one desk by file name. Raises sqlite3.Error."""
    with queries.opened(data / f"{report.mode}.db") as connection:
        contents = {
            "trades": csv_files.trades_csv(report),
            "fills": csv_files.fills_csv(report),
            "orders": csv_files.orders_csv(connection, report),
            "signals": csv_files.signals_csv(connection, report),
        }
    if report.broker is not None:
        contents["broker"] = csv_files.broker_csv(report)
    stem = file_stem(report.desk, report.mode, report.period)
    return {f"{stem}-{name}.csv": content for name, content in contents.items()}


def write(data: Path, report: Report[Money], text: str, out: Path) -> tuple[Path, ...]:
    """The text and the tables of one desk; files of the same period are replaced.

    Raises:
        OSError: the directory cannot be written.
        sqlite3.Error: the book cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    stem = file_stem(report.desk, report.mode, report.period)
    contents = {f"{stem}.txt": f"{text}\n".encode(), **tables(data, report)}
    written = []
    for name, content in contents.items():
        path = out / name
        path.write_bytes(content)
        written.append(path)
    return tuple(written)
