"""The documents that a command is given: files, or standard input."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from errno import EISDIR
from functools import partial
from pathlib import Path

import typer

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a document comes from. `read` raises OSError."""

    name: str
    read: Callable[[], bytes]


def sources(names: Sequence[str]) -> list[Source]:
    """The files, and standard input for `-`, which can be read once."""
    if names.count(STANDARD_INPUT) > 1:
        raise typer.BadParameter("- is standard input, which can be read once", param_hint="FILE...")
    return [Source(name, partial(read_file, name)) for name in names]


def read_file(name: str) -> bytes:
    if name == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    path = Path(name)
    if path.is_dir():
        raise IsADirectoryError(EISDIR, f"a directory: name the files in it, such as {path / '*.json'}")
    return path.read_bytes()
