"""The same answers in any process: nothing stored or decided rests on Python's own hashes, or on what was asked before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from uuid import UUID

import pytest

from invoicedb.domain.dictionary import EMPTY, dictionary_of
from invoicedb.domain.match_keys import Candidate, alias_keys, match_keys
from invoicedb.domain.matching import decide
from invoicedb.domain.pack_size import read_pack_size
from invoicedb.domain.reading import read

LINES = (
    "GROUND BEEF 80/20 PATTY",
    "SHRIMP 16-20 P&D T-OFF",
    "OLIVE OIL XVIRGIN 4/1 GAL",
    "QTVS208W PANASONIC PHONE",
    "MILK 2% RED FAT",
)
NAMES = (
    "BEEF GROUND PATTIES 80/20",
    "SHRIMP PEELED DEVEINED 16/20",
    "EXTRA VIRGIN OLIVE OIL",
    "Panasonic Phone QT-VS208W",
    "MILK 2%",
)
PACKS = ("6/5 LB", "12/32 OZ", "24x330ml", "6/#10", "1 DZ")

ASK = "import json, sys; from tests.domain.test_same_answers import answers; json.dump(answers(), sys.stdout)"


def answers() -> list[str]:
    """What is stored, and what is decided, of a few lines beside a few items."""
    candidates = [Candidate(UUID(int=place), 3, name, "g") for place, name in enumerate(NAMES, 1)]
    dictionary = dictionary_of((("XVIRGIN", "EXTRA VIRGIN"),))
    found: list[object] = [repr(decide(read(line), None, candidates)) for line in LINES]
    found += [match_keys(read(line)) for line in LINES]
    found += [alias_keys(line, known) for line in LINES for known in (EMPTY, dictionary)]
    found += [read_pack_size(pack).key for pack in PACKS]
    return [repr(each) for each in found]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_fresh_process_with_other_hashes_answers_the_same(seed: str) -> None:
    environment = os.environ | {"PYTHONHASHSEED": seed}
    run = subprocess.run([sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == answers()


def test_an_old_process_answers_as_it_did_at_first() -> None:
    """Texts are remembered once they were read; far more of them than are kept push out the first."""
    first = answers()
    for number in range(40_000):
        read(f"ARTICLE {number}")
    assert answers() == first
