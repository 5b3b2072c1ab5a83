"""A report as files in a directory."""

from __future__ import annotations

from pathlib import Path

from engine.model.money import Money
from reports import csv_files, queries
from reports.report import Report


def write(data: Path, report: Report[Money], text: str, out: Path) -> tuple[Path, ...]:
    """The text and the tables of one desk; files of the same period are replaced.

    Raises:
        OSError: the directory cannot be written.
        sqlite3.Error: the book cannot be read.
    """
    out.mkdir(parents=True, exist_ok=True)
    with queries.opened(data / f"{report.mode}.db") as connection:
        contents = {
            ".txt": f"{text}\n".encode(),
            "-trades.csv": csv_files.trades_csv(report),
            "-fills.csv": csv_files.fills_csv(report),
            "-orders.csv": csv_files.orders_csv(connection, report),
            "-signals.csv": csv_files.signals_csv(connection, report),
        }
    label = report.period.label.replace(" – ", "_")
    written = []
    for ending, content in contents.items():
        path = out / f"{report.desk}-{report.mode}-{label}{ending}"
        path.write_bytes(content)
        written.append(path)
    return tuple(written)
