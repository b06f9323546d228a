"""What the matching benchmark counts: the sets are read as they are meant, and every rate is what it says it is."""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest
from rapidfuzz import fuzz

from benchmarks import matching
from benchmarks.matching_catalog import Catalog, Connection, fill, open_connection
from benchmarks.matching_names import as_a_line_has_it, names
from benchmarks.matching_rates import AUTO, REVIEW, Answers, Rates, answers_to, ask, catalogs_of, pair_rates, rates_of
from benchmarks.matching_report import Results, as_json
from benchmarks.matching_scale import measure
from benchmarks.matching_scorers import Likest, PairRates, lowest_precise, plain_pair_rates, plain_rates
from benchmarks.matching_sets import DATA, EXPECTED, MatchingSet, Pair, Query, Text, names_in, read_pairs, read_set

TENANT = UUID("11111111-2222-4333-8444-555555555555")
CATALOG = (
    Text("flour", "FLOUR ALL PURPOSE 50#"),
    Text("salted", "BUTTER SALTED"),
    Text("unsalted", "BUTTER UNSALTED"),
    Text("chips", "CHIPS OF KALE"),
    Text("kale", "KALE CHIPS"),
    Text("romaine", "LETTUCE ROMAINE"),
    Text("sign", "VINTAGE TIN SIGN"),
)
QUERIES = (
    Query(Text("1", "FLOUR AP 50LB"), frozenset({"flour"})),  # automatic, right
    Query(Text("2", "SLTD BUTTER"), frozenset({"unsalted"})),  # automatic, wrong
    Query(Text("3", "LETTUCE ROMAINE HEARTS"), frozenset({"romaine"})),  # to review, right
    Query(Text("4", "CHIPS KALE"), frozenset({"kale"})),  # two items of one name: to review, the first of them
    Query(Text("5", "METAL PLAQUE"), frozenset({"sign"})),  # new, though it is there
)
TINY = MatchingSet("tiny", CATALOG, QUERIES)


@pytest.fixture
def connection(dsn: str) -> Iterator[Connection]:
    with open_connection(dsn) as opened:
        yield opened


@pytest.fixture
def answers(connection: Connection) -> Answers:
    [catalog] = catalogs_of(connection, [TINY])
    return answers_to(catalog, TINY)


def there(name: str) -> MatchingSet:
    try:
        return read_set(DATA, name)
    except FileNotFoundError as error:
        pytest.skip(f"{name} is not beside this checkout: there is no {Path(error.filename).name}")


def pairs_there() -> list[Pair]:
    try:
        return read_pairs(DATA)
    except FileNotFoundError:
        pytest.skip("the set of food pairs is not beside this checkout")


# ---- the sets --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "items", "queries"),
    [
        ("online-retail-variants", 3_771, 136),
        ("abt-buy", 1_092, 1_081),
        ("amazon-google", 2_074, 997),
        ("restaurant", 199, 433),
        ("restaurant-depot", 79, 80),
        ("iowa-liquor", 1_155, 225),
    ],
)
def test_a_set_has_its_lines_and_items(name: str, items: int, queries: int) -> None:
    read = there(name)
    ids = {item.id for item in read.catalog}
    assert (len(read.catalog), len(ids), len(read.queries)) == (items, items, queries)
    assert all(query.true and query.true <= ids and query.line.text for query in read.queries)
    assert all(item.text for item in read.catalog)


def test_the_pairs_have_their_labels() -> None:
    assert Counter(pair.label for pair in pairs_there()) == {"same": 23, "different": 32, "review": 7}


def test_whoever_puts_a_set_there_has_it_measured(tmp_path: Path) -> None:
    put(tmp_path, "grocer", left=["1,OAT MILK,2.5", "2,RYE,1"], right=["a,Milk Oat,2", "b,Bread,3"], matches=["1,a", "1,b"])
    assert "grocer" in names_in(tmp_path)
    read = read_set(tmp_path, "grocer")
    assert read.catalog == (Text("a", "Milk Oat"), Text("b", "Bread"))
    assert read.queries == (Query(Text("1", "OAT MILK"), frozenset({"a", "b"})),), "of a line without a match nothing is known"


def put(data: Path, name: str, *, left: Sequence[str], right: Sequence[str], matches: Sequence[str]) -> None:
    place = data / "matching" / name
    place.mkdir(parents=True)
    for table, head, rows in (("left", "id,title,price", left), ("right", "id,title,price", right)):
        (place / f"{table}.csv").write_text("\n".join([head, *rows, ""]), "utf-8")
    (place / "matches.csv").write_text("\n".join(["left_id,right_id", *matches, ""]), "utf-8")


def test_a_text_that_repeats_is_asked_once_and_what_is_not_bought_is_not_asked(tmp_path: Path) -> None:
    rows = [
        ("PD ROMA", "1", "Tomatoes"),
        ("PD ROMA", "2", "Roma"),
        ("RICE", "3", ""),
        ("OIL", "4", "(do not order) Oil"),
    ]
    (tmp_path / "matching").mkdir()
    with (tmp_path / "matching" / "restaurant-depot.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("vendor_text", "upc", "buyer_name"), *rows])
    read = read_set(tmp_path, "restaurant-depot")
    assert [item.text for item in read.catalog] == ["Roma", "Tomatoes"]
    assert [(query.line.text, query.true) for query in read.queries] == [("PD ROMA", frozenset({"Roma", "Tomatoes"}))]


def test_a_set_that_is_not_there_is_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(matching.sets_there(tmp_path, EXPECTED)) == []
    assert matching.pairs_there(tmp_path, EXPECTED) == []
    told = capsys.readouterr().err
    assert all(f"{name} is left out" in told for name in EXPECTED)


# ---- the matcher -----------------------------------------------------------------------------------------------------------


def test_every_rate_is_what_it_says(answers: Answers) -> None:
    assert [(asked.answer.method, asked.answer.item) for asked in answers.present] == [
        (AUTO, "flour"),
        (AUTO, "salted"),
        (REVIEW, "romaine"),
        (REVIEW, "chips"),
        ("new", None),
    ]
    assert rates_of(answers) == Rates(
        items=7,
        queries=5,
        automatic=2,
        wrong=1,
        wrong_alike=1,  # SLTD reads as SALTED: only the label says otherwise
        caught=2,
        review=2,
        failed=0,
        found=4,
        absent_automatic=2,  # SLTD BUTTER as before; CHIPS KALE is CHIPS OF KALE, now the only one
        absent_alike=2,
        absent_review=0,
        own_automatic=2,  # KALE CHIPS and CHIPS OF KALE are each other
        own_alike=2,
        own_review=0,
    )
    assert (rates_of(answers).precision, rates_of(answers).coverage) == (0.5, 0.2)


def test_an_item_that_is_taken_out_is_back_afterwards(connection: Connection) -> None:
    [catalog] = catalogs_of(connection, [TINY])
    flour = QUERIES[0]
    with catalog.without(flour.true):
        [asked] = ask(catalog, [flour])
        assert (asked.answer.method, asked.answer.candidates) == ("new", ())
    assert [asked.answer.item for asked in ask(catalog, [flour])] == ["flour"]


def test_sets_do_not_see_each_other(connection: Connection) -> None:
    one, other = MatchingSet("one", CATALOG[:1], ()), MatchingSet("other", CATALOG[1:], ())
    first, second = catalogs_of(connection, [one, other])
    assert ask(first, [QUERIES[0]])[0].answer.item == "flour"
    assert ask(second, [QUERIES[0]])[0].answer.candidates == ()


def test_a_line_that_fails_is_counted_as_failed(connection: Connection) -> None:
    catalog = Catalog(connection, TENANT, CATALOG)
    fill(connection, catalog.rows())
    unreadable = Query(Text("1", "FLOUR AP 50LB", "a box or so"), frozenset({"flour"}))
    assert [asked.answer.method for asked in ask(catalog, [unreadable, QUERIES[0]])] == ["failed", AUTO]


def test_pairs_are_asked_both_ways(connection: Connection) -> None:
    pairs = [
        Pair(Text("l", "FLOUR AP 50LB"), Text("r", "FLOUR ALL PURPOSE 50#"), "same"),
        Pair(Text("l", "MILK WHOLE", "4/1 GAL"), Text("r", "WHOLE MILK"), "same"),
        Pair(Text("l", "OLIVE OIL 1L"), Text("r", "OLIVE OIL 5L"), "different"),
        Pair(Text("l", "LETTUCE ROMAINE"), Text("r", "LETTUCE ROMAINE HEARTS"), "review"),
    ]
    rates = pair_rates(connection, pairs)
    assert (rates.same, rates.other, rates.other_automatic, rates.other_review) == (4, 4, 0, 2)
    assert rates.same_automatic >= 3, "a line without a pack is counted in each, and may not find an item in ml"


# ---- plain scores ----------------------------------------------------------------------------------------------------------


def test_a_scorer_is_counted_at_the_usual_threshold_and_at_a_precise_one() -> None:
    lines = (Query(Text("1", "kale, chips"), frozenset({"kale"})), Query(Text("2", "BUTTER SALTED"), frozenset({"unsalted"})))
    usual, precise = (rates for rates in plain_rates(MatchingSet("s", CATALOG, lines)) if rates.scorer == "QRatio")
    assert (usual.threshold, usual.queries, usual.automatic, usual.wrong) == (90.0, 2, 2, 1)
    assert (usual.absent_automatic, usual.own_automatic) == (1, 2), "BUTTER SALTED again; salted and unsalted are each other"
    assert (precise.threshold, precise.automatic) == (None, 0), "the wrong one scores as high as the right one"


@pytest.mark.parametrize(
    ("scored", "lowest"),
    [
        ([], None),
        ([(90, True), (80, True), (70, False)], 80),
        ([(90, True), (80, False), (80, True)], 90),
        ([(9, False)], None),
    ],
)
def test_the_lowest_precise_threshold(scored: list[tuple[float, bool]], lowest: float | None) -> None:
    assert lowest_precise([Likest("present", score, is_right) for score, is_right in scored]) == lowest


def test_a_scorer_on_pairs() -> None:
    pairs = [
        Pair(Text("l", "BUTTER SALTED"), Text("r", "butter, salted"), "same"),
        Pair(Text("l", "OIL 1L"), Text("r", "OIL 5L"), "different"),
    ]
    usual, above = plain_pair_rates(pairs, fuzz.QRatio)
    assert usual == PairRates("QRatio", 90.0, 2, 2, same_automatic=2, other_automatic=0)
    assert (above.same_automatic, above.other_automatic) == (2, 0)


# ---- growth ----------------------------------------------------------------------------------------------------------------


def test_invented_names_are_distinct_and_the_same_each_time() -> None:
    some = list(islice(names(3), 5_000))
    assert some == list(islice(names(3), 5_000))
    assert len({name.text for name in some}) == len(some)
    assert some[:10] != list(islice(names(4), 10))


def test_a_size_is_filled_and_asked(connection: Connection) -> None:
    measured = measure(connection, 200, 3, seed=5)
    assert (measured.items, measured.lines, len(measured.look_ups), len(measured.first)) == (200, 45, 3, 3)
    assert measured.keys > 200 * 5
    assert 0.9 < measured.found / measured.lines <= 1


def test_a_line_says_an_item_in_other_words() -> None:
    chance, items = random.Random(1), list(islice(names(1), 50))
    lines = [as_a_line_has_it(item, chance) for item in items]
    assert [line.id for line in lines] == [item.id for item in items]
    assert sum(line.text != item.text.upper() for line, item in zip(lines, items, strict=True)) > 25


def test_no_text_of_a_set_is_written(answers: Answers) -> None:
    written = json.dumps(as_json(Results({}, {}, answers=[answers])))
    assert "tiny" in written
    assert not any(text.text in written for text in CATALOG)
