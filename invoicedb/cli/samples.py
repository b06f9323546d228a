"""The sample invoices that come with the package, in the order in which they arrive."""

from __future__ import annotations

from importlib.resources import files

from invoicedb.cli.documents import Source


def sample_invoices() -> list[Source]:
    """Invented vendors, goods and prices; each file's name says what it shows."""
    found = (each for each in files("invoicedb").joinpath("samples").iterdir() if each.name.endswith(".json"))
    return [Source(each.name.removesuffix(".json"), each.read_bytes) for each in sorted(found, key=lambda each: each.name)]
