"""The reference: an invoice booked one line and one statement at a time, slowly, and written to be obviously right.

The same rules as the flights, which the tests hold against it, row for row. Shared with them are the judgements (how a document,
a pack size, a description is read), the plan for one line, and what a known invoice means; what is not shared is all that they
do with many lines at once: planning a whole invoice from one snapshot, and the set-based SQL of quantities, prices and stock.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from invoicedb.domain.document import read_invoice
from invoicedb.domain.match_keys import match_keys
from invoicedb.domain.numbers import EXACT
from invoicedb.domain.reading import read
from invoicedb.errors import InvoiceWarning, LineError, NearDuplicate, RejectedByDatabase
from invoicedb.flights import FlightFailed, Landing, Rejected, failure_of
from invoicedb.ids import uuid7
from invoicedb.models import FailedLine, Invoice, InvoiceResult, Line, LineResult, Policy, Status
from invoicedb.operations.ingest.blame import error_of
from invoicedb.operations.ingest.book import Sending
from invoicedb.operations.ingest.look_up import CandidateRow, KnownInvoice, MappingRow, Snapshot
from invoicedb.operations.ingest.plan import NewItem, NewMapping, Plan, plan_line
from invoicedb.operations.ingest.settle import Replay, settle
from invoicedb.sql import SQL
from invoicedb.tasks import Document, Id, document_of
