"""What was measured, as a table and as JSON."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path as File
from statistics import median
from typing import Any

import psycopg
from psycopg import pq
from rich.console import Console
from rich.table import Table

from benchmarks.measure import Contest, Samples

COLUMNS = ("", "median ms", "quartiles ms", "round trips", "x ping", "x best rival")
OURS = "invoicedb"


def machine(dsn: str) -> dict[str, Any]:
    """What it was measured on: without this a time says nothing."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        version, fsync = connection.execute("SELECT current_setting('server_version'), current_setting('fsync')").fetchall()[0]
    return {
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": version,
        "fsync": fsync,
        "psycopg": f"{psycopg.__version__} ({pq.__impl__})",
        "libpq": pq.version_pretty(pq.version()),
    }


def cpu_model() -> str:
    info = File("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor())


def results_of(contest: Contest) -> list[dict[str, Any]]:
    """One row for each path and rival, in milliseconds; the fastest rival is the fastest that is not invoicedb."""
    return [row for path in contest.paths for row in path_results(path.name, samples_on(contest, path.name), contest)]


def samples_on(contest: Contest, path: str) -> dict[str, Samples]:
    """In the order in which the rivals stand, the ping first."""
    names = ["ping", *(name for place, name in contest.rivals if place == path)]
    return {name: contest.samples[path, name] for name in names}


def path_results(path: str, samples: Mapping[str, Samples], contest: Contest) -> list[dict[str, Any]]:
    ping = samples["ping"].median
    others = [taken for name, taken in samples.items() if name != "ping" and not name.startswith(OURS)]
    fastest = min(others, key=lambda taken: taken.median) if others else None
    return [
        {
            "path": path,
            "name": name,
            "median_ms": taken.median * 1000,
            "quartiles_ms": [each * 1000 for each in taken.quartiles],
            "round_trips": contest.round_trips_of(name),
            "times_ping": taken.median / ping,
            "times_fastest_rival": None if fastest is None or name == "ping" else taken.median / fastest.median,
            "times_fastest_rival_in_pairs": None if fastest is None or name == "ping" else in_pairs(taken, fastest),
            "rounds": len(taken.seconds),
        }
        for name, taken in samples.items()
    ]


def in_pairs(taken: Samples, fastest: Samples) -> float:
    """The median of the ratios within each round: less disturbed by a machine whose speed changes."""
    return median(one / other for one, other in zip(taken.seconds, fastest.seconds, strict=True))


def as_json(results: Sequence[Mapping[str, Any]], described: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return {"measured_at": now, "machine": described, "settings": settings, "results": results}


def show(results: Sequence[Mapping[str, Any]], described: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """One table for each path."""
    console = Console() if Console().is_terminal else Console(width=100)
    for path in dict.fromkeys(row["path"] for row in results):
        table = Table(*COLUMNS, title=f"{path}: {settings['lines']} lines, {settings['items']:,} items", title_justify="left")
        for column in table.columns[1:]:
            column.justify = "right"
        for row in results:
            if row["path"] == path:
                table.add_row(*cells(row))
        console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in described.items()), soft_wrap=True)


def cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    low, high = row["quartiles_ms"]
    beside, trips = row["times_fastest_rival"], row["round_trips"]
    return (
        row["name"],
        f"{row['median_ms']:.2f}",
        f"{low:.2f} - {high:.2f}",
        "" if trips is None else f"{trips}",
        f"{row['times_ping']:.2f}",
        "" if beside is None else f"{beside:.2f}",
    )
