"""The command line, called in this process on a new database, as a script would call it: a pipe behind each stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import pytest
from typer.testing import CliRunner, Result

from invoicedb.cli.app import app

Run: TypeAlias = Callable[..., Result]

WriteJson: TypeAlias = Callable[[str, Any], str]


@pytest.fixture
def run(dsn: str, user_id: UUID) -> Run:
    """Call a command: `run("stock", "--json")`. `env` and `input` as for CliRunner."""

    def call(*arguments: str, env: dict[str, str | None] | None = None, **options: Any) -> Result:
        defaults = {"DATABASE_URL": dsn, "INVOICEDB_USER_ID": str(user_id), "FORCE_COLOR": None, "TTY_COMPATIBLE": None}
        return CliRunner().invoke(app, arguments, env={**defaults, **(env or {})}, catch_exceptions=False, **options)

    return call


@pytest.fixture
def write(tmp_path: Path) -> WriteJson:
    """Write a document to a file of that name; the file's path."""

    def write_file(name: str, document: Any) -> str:
        path = tmp_path / name
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return write_file
