"""Which of a text's statements is the size of the pack, when there are several: one of them, two taken together, or a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Context, Decimal
from functools import reduce
from itertools import pairwise

from invoicedb.domain.numbers import EXACT, plain
from invoicedb.domain.pack_doubts import HALF_A_DOZEN, bare_contents, in_any_unit, in_words, of_two_meanings
from invoicedb.domain.pack_grammar import Statement
from invoicedb.domain.pack_nouns import noun_at
from invoicedb.domain.pack_runs import Doubt, is_count, read_run
from invoicedb.domain.pack_scan import Scan
from invoicedb.domain.units import TO_BASE
from invoicedb.domain.vocabulary import (
    ARTICLES,
    ARTICLES_IF_FIRST,
    CASES,
    CONTAINERS,
    CUSTOMARY_COUNTS,
    EACH,
    GRAINS,
    PER,
    SINGLE_THINGS,
    SIZES_OF_BOTTLES,
)

# For comparing two statements of one weight, of which at least one is rounded anyway; what is booked never comes from here.
_ROUNDED = Context(prec=60, rounding=ROUND_HALF_EVEN, traps=[])
_CUT = Context(prec=60, rounding=ROUND_DOWN, traps=[])


def meaning(found: Scan) -> Statement | Doubt:
    """The one statement that says what a pack holds."""
    whole = _bare_numbers(found) or bare_contents(found) or _bare_unit(found)
    if whole is not None:
        return whole
    if found.fatal:
        return found.fatal[0]
    statements = _of_the_contents(found)
    if isinstance(statements, Doubt):
        return statements
    one = _of_net_weight(statements)
    if isinstance(one, Doubt):
        return one
    return Doubt("it doesn't say how many are in the case") if _one_of_a_case(found, one) else of_two_meanings(found, one)


def _one_of_a_case(found: Scan, one: Statement) -> bool:
    """CASE COLA 500ML: the size is that of a bottle."""
    single = one.kind == "measure" and not one.counts
    return single and bool(found.names) and found.tokens[0].text in CASES


def _bare_numbers(found: Scan) -> Statement | Doubt | None:
    """20/125: things that come by the thousand are packed in its halves; any other number may as well be of g, ml or lb.

    So may those after a sign of multiplication, by which metric sizes are written (18X500), and 24/500 may be bottles.
    """
    tokens = found.tokens
    if tokens[0].kind != "number":
        return None
    run, after = read_run(tokens, 0)
    if tokens[after].kind != "end" or run.operators not in (("/",), ("x",)):
        return None
    count, size = (number.value for number in run.numbers)
    if count is None or size is None or not is_count(count):
        return Doubt(f"no unit after {run.text}")
    if run.operators != ("/",) or not _by_the_thousand(size) or (size in SIZES_OF_BOTTLES and not count % HALF_A_DOZEN):
        return Doubt(readings=in_any_unit(f"{plain(count)} x {plain(size)}"))
    return Statement((count,), size, "each", "piece", "", 0, after)


def _by_the_thousand(size: Decimal) -> bool:
    return is_count(size) and (size in CUSTOMARY_COUNTS or plain(size).endswith("000"))


def _bare_unit(found: Scan) -> Statement | None:
    """EACH, PER SLICE, EACH PAIR, LB: one of that unit. Not a single letter, and nothing that holds more."""
    tokens = found.tokens
    first = 1 if tokens[0].text in (*PER, *EACH) and tokens[1].kind == "word" else 0
    noun = noun_at(tokens, first)
    if noun is None or tokens[noun.end].kind != "end" or len(noun.text) == 1:
        return None
    priced_by_the_piece = noun.kind == "piece" and tokens[0].text in PER
    if noun.kind != "measure" and noun.text not in SINGLE_THINGS and not priced_by_the_piece:
        return None
    return Statement((), Decimal(1), noun.unit, noun.kind, noun.text, 0, noun.end)


def _of_the_contents(found: Scan) -> Sequence[Statement] | Doubt:
    """The statements about what is in the pack, in order, at least one."""
    statements = _before_the_name([statement for statement in found.statements if not _is_strength(statement, found.names)])
    article = _article(found)
    contents = [statement for statement in statements if not article or statement.kind != "measure"]
    if contents:
        return contents
    if statements:
        one = article.lower().removesuffix("s")
        return Doubt(f"{in_words(statements[0])} is what 1 {one} holds or weighs, not how many there are")
    return found.doubts[0] if found.doubts else _nothing_stated(found.names)


def _nothing_stated(names: Sequence[str]) -> Doubt:
    container = next((name for name in names if name in CONTAINERS), "")
    return Doubt(f"it doesn't say what 1 {container.lower()} holds" if container else "it states no quantity")


def _before_the_name(statements: Sequence[Statement]) -> Sequence[Statement]:
    """A count and a size at the head are complete; what a name after them says is of the goods: 1/15 LB FILLET 5 OZ."""
    if not statements or statements[0].start > 0 or not statements[0].counts:
        return statements
    return [statement for index, statement in enumerate(statements) if index == 0 or statement.link != "words"]


def _is_strength(statement: Statement, names: Sequence[str]) -> bool:
    return statement.noun == "GR" and not GRAINS.isdisjoint(names)


def _article(found: Scan) -> str:
    """The article that the text names; CUP 24OZ CLEAR is one too, but BAG 50 LB alone is 50 lb in a bag."""
    if not found.names:
        return ""
    first = found.packing or found.names[0]
    if first in ARTICLES_IF_FIRST:
        return first
    names = [*found.names, *(a + b for a, b in pairwise(found.names))]
    return next((name for name in names if name in ARTICLES), "")


def _of_net_weight(statements: Sequence[Statement]) -> Statement | Doubt:
    if [statement.qualifier for statement in statements] == ["gross"]:
        return Doubt(f"{in_words(statements[0])} is the gross weight, and what is in it is less")
    if any(statement.qualifier == "gross" for statement in statements):
        return Doubt(readings=[f"{in_words(statement)} {statement.qualifier}".strip() for statement in statements])
    whole = _but_the_jar([statement for statement in statements if statement.qualifier != "drained"] or statements)
    first, *others = whole
    result: Statement | Doubt = first
    for other in others:
        if isinstance(result, Doubt):
            return result
        result = _together(result, other)
    return result


def _but_the_jar(statements: Sequence[Statement]) -> Sequence[Statement]:
    """345 G (NET), 370 ML: beside a weight that is said to be net, a volume is the jar's."""
    weighed = any(each.qualifier == "net" and TO_BASE[each.unit][1] == "g" and not each.may_be_fluid for each in statements)
    return [each for each in statements if TO_BASE[each.unit][1] != "ml"] if weighed else statements


def _together(first: Statement, second: Statement) -> Statement | Doubt:
    """Two statements as one: the second says the first again, or one is the count and the other the size."""
    if (first.kind == "measure") == (second.kind == "measure"):
        return _agreed(first, second) or _differ(first, second)
    size, count = (first, second) if first.kind == "measure" else (second, first)
    product = replace(size, counts=(*count.counts, _pieces(count), *size.counts), end=second.end)
    if count.kind == "container":
        product = replace(size, counts=(*count.counts, *size.counts), end=second.end)
    if second.link == "words":
        return _differ(first, second)
    # Each container holds the size, and a liquid has no pieces, so there they are containers too.
    if count.kind == "container" or size.of_one or TO_BASE[size.unit][1] == "ml":
        return product
    # 6 cubes-66 g: on a label, the weight after loose pieces is that of all.
    if size is second and second.link in ("-", ","):
        return size
    return Doubt(readings=(in_words(product), f"{in_words(size)} in {plain(_pieces(count))} pieces"))


def _pieces(count: Statement) -> Decimal:
    return EXACT.multiply(count.size, TO_BASE[count.unit][0])


def _differ(first: Statement, second: Statement) -> Doubt:
    return Doubt(readings=(in_words(first), in_words(second)))


def _agreed(first: Statement, second: Statement) -> Statement | None:
    """The first, if the second says it again. 12 OZ (355 ML) are fluid ounces by that, 12 OZ (340 G) are of weight."""
    if first.may_be_fluid and second.may_be_fluid:
        return first if _says_again(first, second) else None
    if "ml" in (TO_BASE[first.unit][1], TO_BASE[second.unit][1]):
        first, second = first.fluid, second.fluid
    else:
        first, second = first.weighed, second.weighed
    return first if _says_again(first, second) else None


def _says_again(first: Statement, second: Statement) -> bool:
    """16 FL OZ (473 ML); 4 x 4.5 KG 18 KG: equal, or equal once the first is rounded or cut as the second is written."""
    factor, base_unit = TO_BASE[second.unit]
    if TO_BASE[first.unit][1] != base_unit:
        return False
    totals = [_total(first)] if second.counts else [_total(first), EXACT.multiply(first.size, TO_BASE[first.unit][0])]
    if second.counts:
        return _total(second) in totals
    place = Decimal(1).scaleb(min(0, int(second.size.as_tuple().exponent)), EXACT)
    written = [context.quantize(context.divide(total, factor), place) for total in totals for context in (_ROUNDED, _CUT)]
    return second.size in written


def _total(statement: Statement) -> Decimal:
    return reduce(EXACT.multiply, statement.counts, EXACT.multiply(statement.size, TO_BASE[statement.unit][0]))
