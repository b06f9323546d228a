"""invoicedb books vendor invoices into PostgreSQL: one invoice, one transaction, one or two network round trips."""

from invoicedb.async_database import AsyncDatabase
from invoicedb import schema
from invoicedb.connect import connect, connect_async, on
from invoicedb.database import Database
from invoicedb.errors import InvoicedbError
from invoicedb.models import InvoiceResult, Policy

__all__ = ["AsyncDatabase", "Database", "InvoiceResult", "InvoicedbError", "Policy", "connect", "connect_async", "on", "schema"]
