"""Match keys and the index of the items that one invoice creates: what the database must answer in the same way."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicedb.domain.match_keys import CANDIDATES, Candidate, KeyIndex, best_candidates, match_keys
from invoicedb.domain.reading import read

WORDS = (
    "FLOUR",
    "OLIVE",
    "OIL",
    "RED",
    "ONION",
    "CHKN",
    "BRST",
    "IQF",
    "QTVS208W",
    "80/20",
    "50LB",
    "NIGHT",
    "LIGHT",
    "SALTED",
)
names = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
item_ids = st.integers(min_value=0, max_value=2**128 - 1).map(lambda number: UUID(int=number))


def shared(one: str, other: str) -> set[int]:
    return set(match_keys(read(one))) & set(match_keys(read(other)))


@given(st.text(max_size=300))
def test_keys_fit_a_bigint_and_are_few_sorted_and_distinct(text: str) -> None:
    keys = match_keys(read(text))
    assert list(keys) == sorted(set(keys))
    assert len(keys) <= 40
    assert all(-(2**63) <= key < 2**63 for key in keys)


def test_a_long_name_has_no_more_than_forty_keys() -> None:
    words = [first + second + "TN" for first in "BCDFGH" for second in "AKLM"]
    assert len(read(" ".join(words)).words) == len(words)
    assert len(match_keys(read(" ".join([*words, "AB1234", "CD5678"])))) == 40


def test_keys_are_the_same_in_every_version_since_they_are_stored() -> None:
    # Whoever changes them raises KEY_FORMAT.
    assert match_keys(read("OLIVE OIL")) == (
        -8250831852193418412,
        -5770171908169202208,
        3163484237453143410,
        7032427984062989794,
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("FLOUR AP 50LB", "ALL PURPOSE FLOUR"),
        ("BROCOLLI FLORETS", "BROCCOLI FLORET"),
        ("CHKN BRST BNLS", "BONELESS CHICKEN BREAST"),
        ("OLIVE OIL", "OLIVE OIL EXTRA VIRGIN HEINZ"),
        ("FAIRY COTTAGE NIGHTLIGHT", "FAIRY COTTAGE NIGHT LIGHT"),
        ("VIP PASSPORT", "VIPPASSPORT"),
        ("TELEPHONE QTVS208W", "HANDSET WHITE QT-VS208W"),
    ],
)
def test_other_spellings_share_a_key(one: str, other: str) -> None:
    assert shared(one, other)


@pytest.mark.parametrize("text", ["", "   ", "4471820", "ITEM 4471820", "---", "50 LB", "BRAND"])
def test_what_says_nothing_of_the_goods_has_no_keys(text: str) -> None:
    assert match_keys(read(text)) == ()


@given(names)
def test_the_order_of_the_words_makes_a_difference_only_to_the_keys_of_joined_words(name: str) -> None:
    backwards = " ".join(reversed(name.split()))
    only_one = set(match_keys(read(name))) ^ set(match_keys(read(backwards)))
    assert len(only_one) <= 2 * max(len(read(name).words) - 1, 0)


@given(st.dictionaries(item_ids, names, max_size=30), names, st.data())
def test_database_and_invoice_together_answer_as_one_index(catalog: dict[UUID, str], query: str, data: st.DataObject) -> None:
    created = set(data.draw(st.lists(st.sampled_from(sorted(catalog)), unique=True)) if catalog else [])
    keys = match_keys(read(query))
    whole = index_of(catalog)
    database = index_of({item_id: name for item_id, name in catalog.items() if item_id not in created})
    invoice = index_of({item_id: name for item_id, name in catalog.items() if item_id in created})
    assert best_candidates(database.candidates(keys), invoice.candidates(keys)) == whole.candidates(keys)


@given(st.dictionaries(item_ids, names, max_size=30), names)
def test_the_order_of_adding_makes_no_difference(catalog: dict[UUID, str], query: str) -> None:
    keys = match_keys(read(query))
    backwards = dict(reversed(catalog.items()))
    assert index_of(catalog).candidates(keys) == index_of(backwards).candidates(keys)


def test_the_best_come_first_then_the_lowest_ids() -> None:
    index = index_of({UUID(int=3): "OLIVE OIL", UUID(int=2): "OLIVE OIL", UUID(int=1): "OLIVE OIL HEINZ RED"})
    found = index.candidates(match_keys(read("OLIVE OIL")))
    assert [each.item_id.int for each in found] == [2, 3, 1]
    assert found[0].hits > found[2].hits


def test_no_more_than_the_limit_come_back() -> None:
    index = index_of({UUID(int=number): "OLIVE OIL" for number in range(50)})
    keys = match_keys(read("OLIVE OIL"))
    assert len(index.candidates(keys)) == CANDIDATES
    assert [each.item_id.int for each in index.candidates(keys, limit=2)] == [0, 1]


def test_an_item_added_again_is_one_candidate_with_all_its_names() -> None:
    index = KeyIndex()
    for name, pack in (("MILK WHOLE", "4/1 GAL"), ("WHL MLK DAIRYPURE", "24/8 OZ")):
        index.add(UUID(int=1), match_keys(read(name)), name=name, base_unit="ml", packs=(pack,))
    (found,) = index.candidates(match_keys(read("WHL MLK DAIRYPURE")))
    assert (found.name, found.aliases, found.packs) == ("MILK WHOLE", ("WHL MLK DAIRYPURE",), ("4/1 GAL", "24/8 OZ"))


def test_an_item_of_the_database_that_this_invoice_names_anew_is_one_candidate() -> None:
    found = Candidate(UUID(int=1), 3, "MILK WHOLE", "ml", ("MILK WHL",), ("4/1 GAL",))
    created = Candidate(UUID(int=1), 5, "WHL MLK", "ml", (), ("4/1 GAL",))
    assert best_candidates([found], [created]) == [
        Candidate(UUID(int=1), 5, "MILK WHOLE", "ml", ("MILK WHL", "WHL MLK"), ("4/1 GAL",))
    ]


def index_of(catalog: dict[UUID, str]) -> KeyIndex:
    index = KeyIndex()
    for item_id, name in catalog.items():
        index.add(item_id, match_keys(read(name)), name=name, base_unit="each")
    return index
