"""The SQL of invoicedb: constant text in `.sql` files, each statement under a `-- name:` line. Values are parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files
from types import MappingProxyType

NAME = "-- name: "


def statements_of(text: str) -> Iterator[tuple[str, str]]:
    """(name, statement) for each `-- name:` section of a .sql file, without its comments and closing semicolon."""
    for section in text.split(NAME)[1:]:
        name, _, body = section.partition("\n")
        lines = (line for line in body.splitlines() if not line.lstrip().startswith("--"))
        yield name.strip(), "\n".join(lines).strip().removesuffix(";")


def load() -> Mapping[str, str]:
    """Every statement. Raises ValueError for a name that two of them have: one would silently stand for the other."""
    found: dict[str, str] = {}
    for file in files(__name__).iterdir():
        for name, statement in statements_of(file.read_text("utf-8")) if file.name.endswith(".sql") else ():
            if name in found:
                raise ValueError(f"{file.name}: there is a statement {name} already")
            found[name] = statement
    return MappingProxyType(found)


SQL: Mapping[str, str] = load()
"""Statement text by name."""
