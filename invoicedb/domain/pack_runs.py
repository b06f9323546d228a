"""Runs of numbers, as in 6/5, 24x330, 4-1 or 1 1/2, and what they mean before a unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from types import MappingProxyType

from invoicedb.domain.numbers import EXACT, plain
from invoicedb.domain.pack_tokens import Token
from invoicedb.domain.vocabulary import EACH, FRACTION_DENOMINATORS

MOST_LEVELS = 4
_MOST_SLASHES = 2
_MANY_PACKS = 100
_NEVER_TO_THE_THOUSANDTH = frozenset({"g", "ml", "mg"})
_CANS = frozenset({"can", "cans", "cn", "tin", "tins"})
_CAN_SIZES = frozenset(map(Decimal, ("5", "10", "300", "303")))
_LEAST_GRADED_COUNT = 13
_LEAST_GRADED_WEIGHT = 10
_GRADED_WEIGHTS = frozenset({"lb", "kg"})
_NEAR = Decimal("1.35")
"""How far apart the ends of a grade are at most: 16/20, 31/40, 71/90. Packs and sizes are seldom so near: 12/18, 24/36."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why something is no size: a reason, or the meanings that it may have. `range_only`: it may be a grade, as in 5-7 OZ."""

    reason: str = ""
    readings: Sequence[str] = ()
    range_only: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Numbers with an operator between each two: "/", "x", "-", or " " before a fraction (1 1/2)."""

    numbers: tuple[Token, ...]
    operators: tuple[str, ...]

    @property
    def text(self) -> str:
        parts = [self.numbers[0].text]
        for operator, number in zip(self.operators, self.numbers[1:], strict=True):
            parts += [operator, number.text]
        return "".join(parts)


@dataclass(frozen=True, slots=True)
class Levels:
    """Counts from the outside in, and the last number: 24 x 10 x 40 g is (24, 10) and 40."""

    counts: tuple[Decimal, ...]
    last: Decimal


def read_run(tokens: Sequence[Token], start: int) -> tuple[Run, int]:
    """The longest run from the number at `start`, and the position after it."""
    numbers: list[Token] = [tokens[start]]
    operators: list[str] = []
    position, depth = start + 1, 0
    while True:
        if depth and tokens[position].text == ")" and tokens[position + 1].text in ("x", "/"):
            depth -= 1
            position += 1
        operator, after = _operator(tokens, position)
        if not operator:
            return Run(tuple(numbers), tuple(operators)), position
        depth += tokens[after - 1].text == "("
        numbers.append(tokens[after])
        operators.append(operator)
        position = after + 1


def _operator(tokens: Sequence[Token], position: int) -> tuple[str, int]:
    """The operator at `position` and where its number is; "" if there is none."""
    token = tokens[position]
    if token.kind == "number":
        return (" ", position) if _fraction_at(tokens, position) else ("", position)
    operator, after = token.text, position + 1
    if operator not in ("/", "x", "-", "("):
        return "", position
    if operator == "(":
        operator = "x"
    elif tokens[after].text == "(":
        after += 1
    return (operator, after) if tokens[after].kind == "number" else ("", position)


def _fraction_at(tokens: Sequence[Token], position: int) -> bool:
    return (
        tokens[position + 1].text == "/"
        and tokens[position + 2].kind == "number"
        and _is_fraction(tokens[position], tokens[position + 2])
    )


def _is_fraction(above: Token, below: Token) -> bool:
    if above.value is None or below.value is None or not (is_count(above.value) and is_count(below.value)):
        return False
    top, bottom = int(above.value), int(below.value)
    return top < bottom and bottom in FRACTION_DENOMINATORS and gcd(top, bottom) == 1


def is_count(value: Decimal | None) -> bool:
    """Whether `value`, normalised, is a whole number above 0: what a number of packs must be."""
    return value is not None and value > 0 and int(value.as_tuple().exponent) >= 0


def measured(run: Run, unit: str) -> Levels | Doubt:
    """What `run` means before the unit of weight or volume `unit`."""
    graded = _grade(run, unit, _LEAST_GRADED_WEIGHT) if unit in _GRADED_WEIGHTS else None
    return graded or _doubtful_separator(run, unit) or _doubtful_count(run, run.numbers[:-1], unit) or _portioned(run, unit)


def counted(run: Run, noun: str) -> Levels | Doubt:
    """What `run` means before `noun`, a word for single things or containers. No grade is told in EACH: 20/25 EA are packs."""
    if run.operators == ("-",):
        return _hyphen(run, noun)
    graded = None if noun.upper() in EACH else _grade(run, noun, _LEAST_GRADED_COUNT)
    return _doubtful_count(run, run.numbers, noun) or graded or _levels(run)


def _can_size(run: Run, noun: str) -> Doubt | None:
    """6/10 CAN is mostly written for six cans of size #10, and says sixty."""
    if noun not in _CANS or run.operators not in (("/",), ("x",)):
        return None
    count, size = (number.value for number in run.numbers)
    if count is None or size not in _CAN_SIZES:
        return None
    return Doubt(readings=(f"{plain(count)} cans of size #{plain(size)}", f"{plain(count)} x {plain(size)} cans"))


def portioned(run: Run, noun: str) -> Levels | Doubt:
    """What `run` means before `noun`, a word for things of which there can be a half: a keg, a dozen."""
    return _doubtful_count(run, run.numbers, noun) or _portioned(run, noun)


def _portioned(run: Run, noun: str) -> Levels | Doubt:
    rule = _RULES.get(run.operators)
    return _can_size(run, noun) or (rule(run, noun) if rule is not None else _levels(run))


def per_case(run: Run) -> Levels | Doubt:
    """What `run` means before "/ CS". A case has one structure, so 10-15/CS is 10 x 15 and no range."""
    return _doubtful_count(run, run.numbers, "each") or _levels(run)


def _levels(run: Run) -> Levels | Doubt:
    if len(run.numbers) > MOST_LEVELS or run.operators.count("/") > _MOST_SLASHES:
        return Doubt("too many levels")
    if " " in run.operators or ("-" in run.operators and len(run.operators) > 1):
        return Doubt(f"{run.text} is no count and size")
    values = [number.value for number in run.numbers]
    if any(value is None for value in values):
        return Doubt(f"{run.text} has a number that is malformed or too long")
    *counts, last = (value for value in values if value is not None)
    if not all(map(is_count, counts)):
        return Doubt("a number of packs is a whole number above 0")
    return Levels(tuple(counts), last) if last > 0 else Doubt("a size is above 0")


def _doubtful_separator(run: Run, unit: str) -> Doubt | None:
    """1,500 KG may be 1.5 kg, and 1.500 G 1500 g; but scales print 1.500 KG, and 1,500 G is no gram and a half."""
    last = run.numbers[-1]
    if last.other is None or last.value is None or ("," in last.text) is (unit in _NEVER_TO_THE_THOUSANDTH):
        return None
    return Doubt(readings=(f"{plain(last.value)} {unit}", f"{plain(last.other)} {unit}"))


def _doubtful_count(run: Run, counts: Sequence[Token], noun: str) -> Doubt | None:
    """1.000 CT is one, as a database prints it, or a thousand, as half of Europe writes it."""
    for number in counts:
        if number.other is not None and number.value is not None and "." in number.text and is_count(number.value):
            written = (plain(value) for value in (number.value, number.other))
            return Doubt(readings=[f"{run.text.replace(number.text, value)} {noun}" for value in written])
    return None


def _grade(run: Run, unit: str, least: int) -> Doubt | None:
    """16/20 CT of shrimp are 16 to 20 in a pound, a turkey of 18/20 LB weighs so much: two near numbers, none of them small."""
    if run.operators != ("/",):
        return None
    low, high = (number.value for number in run.numbers)
    if low is None or high is None or not least <= low < high <= EXACT.multiply(low, _NEAR):
        return None
    readings = (f"{plain(low)} x {plain(high)} {unit}", f"{plain(low)} to {plain(high)} {unit}")
    return Doubt(readings=readings, range_only=True)


def _hyphen(run: Run, unit: str) -> Levels | Doubt:
    """18 - 8 OZ is a count and a size, 5-7 OZ may be a range: its ends are near, rising, and round (to a quarter)."""
    low, high = (number.value for number in run.numbers)
    if low is None or high is None:
        return _levels(run)
    near = low < high <= EXACT.multiply(low, Decimal(2))
    round_end = int(Decimal(plain(EXACT.multiply(high, Decimal(4)))).as_tuple().exponent) >= 0
    if (near and round_end) or (low < high and not is_count(low)):
        text = f"{plain(low)} to {plain(high)} {unit}"
        return Doubt(readings=(f"{plain(low)} x {plain(high)} {unit}", text), range_only=True)
    return _levels(run)


def _mixed(run: Run, unit: str) -> Levels | Doubt:
    whole, above, below = run.numbers
    if not _is_fraction(above, below) or whole.value is None:
        return Doubt(f"{run.text} is no count and size")
    if whole.value != 1:
        part = f"{above.text}/{below.text} {unit}"
        return Doubt(readings=(f"{whole.text} and {part}", f"{whole.text} x {part}"))
    # Nobody writes 1 x 1/2: one and a half is meant.
    fraction = _fraction(above, below)
    return Levels((), EXACT.add(whole.value, fraction)) if fraction is not None else _no_decimal(run)


def _count_of_mixed(run: Run, unit: str) -> Levels | Doubt:
    """12/1-1/2 LB: the number of packs is there already, so the rest is one and a half."""
    count, whole, above, below = run.numbers
    if not _is_fraction(above, below) or whole.value is None or count.value is None or not is_count(count.value):
        return Doubt(f"{run.text} is no count and size")
    fraction = _fraction(above, below) if is_count(whole.value) else None
    return Levels((count.value,), EXACT.add(whole.value, fraction)) if fraction is not None else _no_decimal(run)


def _count_of_fraction(run: Run, unit: str) -> Levels | Doubt:
    """6 x 1/2 GAL: a sign of multiplication is no slash, so the slash makes a fraction."""
    count, above, below = run.numbers
    if not _is_fraction(above, below):
        return _levels(run)
    fraction = _fraction(above, below)
    if fraction is None:
        return _no_decimal(run)
    return Levels((count.value,), fraction) if count.value is not None and is_count(count.value) else _levels(run)


def _slash_and_fraction(run: Run, unit: str) -> Levels | Doubt:
    """6/1/2 GAL may be six half gallons."""
    if not _is_fraction(*run.numbers[1:]):
        return _levels(run)
    count, above, below = (number.text for number in run.numbers)
    return Doubt(readings=(f"{count} x {above}/{below} {unit}", f"{count} x {above} x {below} {unit}"))


def _slash(run: Run, unit: str) -> Levels | Doubt:
    """6/5 LB is a count and a size; 1/2 LB may be half a pound, 670/350 G two weights of one jar."""
    count, size = (number.text for number in run.numbers)
    if _is_fraction(*run.numbers):
        return Doubt(readings=(f"{count} x {size} {unit}", f"{count}/{size} of 1 {unit}"))
    if unit in ("g", "ml") and _like_net_and_drained(run):
        return Doubt(readings=(f"{count} x {size} {unit}", f"{count} {unit} net, {size} {unit} drained"))
    return _levels(run)


def _fraction(above: Token, below: Token) -> Decimal | None:
    if above.value is None or below.value is None or below.value == 3:
        return None
    return EXACT.divide(above.value, below.value)


def _no_decimal(run: Run) -> Doubt:
    return Doubt(f"{run.text} holds a third, which is no exact decimal: write the size in a smaller unit")


def _like_net_and_drained(run: Run) -> bool:
    """Two numbers of the same order, the smaller one last, too many for packs."""
    net, drained = (number.value for number in run.numbers)
    if net is None or drained is None:
        return False
    return net >= _MANY_PACKS and drained < net <= EXACT.multiply(drained, Decimal(3))


_RULES: Mapping[tuple[str, ...], Callable[[Run, str], Levels | Doubt]] = MappingProxyType(
    {
        (" ", "/"): _mixed,
        ("-", "/"): _mixed,
        ("/", " ", "/"): _count_of_mixed,
        ("/", "-", "/"): _count_of_mixed,
        ("x", " ", "/"): _count_of_mixed,
        ("x", "-", "/"): _count_of_mixed,
        ("x", "/"): _count_of_fraction,
        ("/", "/"): _slash_and_fraction,
        ("/",): _slash,
        ("-",): _hyphen,
    }
)
