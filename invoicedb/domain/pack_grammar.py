"""The grammar of sizes: one statement of a quantity, from the number that begins it.

statement = { counted joiner } ( measured | counted ) tail
counted   = run noun                 6 cans; 4/6pk; noun: a container or a word for single things
measured  = run unit                 5 LB; 6/5 LB; 24x330ml; 8 lbs 12 oz
joiner    = "of" | "at" | "x" | "/" | "(" | nothing, after a container
tail      = { container | "each" | "per" word | "/" container | ")" | "x" number }
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from invoicedb.domain.numbers import EXACT, plain
from invoicedb.domain.pack_kegs import Keg, keg_of
from invoicedb.domain.pack_nouns import FLUID_OUNCE, WEIGHED_OUNCE, Noun, NounKind, is_can_size, noun_at
from invoicedb.domain.pack_runs import (
    MOST_LEVELS,
    Doubt,
    Levels,
    Run,
    counted,
    is_count,
    measured,
    per_case,
    portioned,
    read_run,
)
from invoicedb.domain.pack_tokens import Token
from invoicedb.domain.units import TO_BASE
from invoicedb.domain.vocabulary import BARE_OUNCES, CAN_SIZES, CONTAINERS, EACH, JOINERS, NUMBER_WORDS, PER, PIECES

_ONE = Decimal(1)
_OUNCES_IN_A_POUND = Decimal(16)
_MOST_ADJECTIVES = 2


@dataclass(frozen=True, slots=True)
class Statement:
    """One quantity: `counts` from the outside in, times `size` of `unit`. `end`: the position after it.

    `of_one`: the text says that the size is that of each. `link`: the mark that stands before it; "words" if words do.
    Equal if the quantity is: where and how it stands is not compared.
    """

    counts: tuple[Decimal, ...]
    size: Decimal
    unit: str
    kind: NounKind
    noun: str
    start: int = field(compare=False)
    end: int = field(compare=False)
    of_one: bool = field(default=False, compare=False)
    qualifier: str = field(default="", compare=False)
    link: str = field(default="", compare=False)

    @property
    def may_be_fluid(self) -> bool:
        """Whether it is in ounces, and nothing beside them says which."""
        return self.unit == "oz" and self.noun in BARE_OUNCES

    @property
    def fluid(self) -> Statement:
        """The same in fluid ounces, if it may be in them."""
        return replace(self, unit="fl oz", noun=FLUID_OUNCE) if self.may_be_fluid else self

    @property
    def weighed(self) -> Statement:
        """The same in ounces that are surely of weight, if they may be."""
        return replace(self, noun=WEIGHED_OUNCE) if self.may_be_fluid else self


@dataclass(frozen=True, slots=True)
class _Level:
    levels: Levels
    noun: Noun


def read_statement(tokens: Sequence[Token], start: int, *, opening: bool) -> Statement | Doubt:
    """The statement that begins with the number at `start`. `opening`: nothing but it stands at the head of the text."""
    run, after = read_run(tokens, start)
    level = _level(tokens, run, after, opening=opening)
    return level if isinstance(level, Doubt) else _statement(tokens, start, level)


def read_contents(tokens: Sequence[Token], start: int, container: Token, *, said_of: bool) -> Statement | Doubt:
    """The statement after a container at the head of a text: CTN 12 946ML; BAG 50 LB; CASE OF 24."""
    run, after = read_run(tokens, start)
    level = _level(tokens, run, after, opening=False)
    if not isinstance(level, Doubt):
        return _statement(tokens, start, level)
    following = tokens[after].kind == "number"
    outer = _of(counted(run, container.text), Noun("container", "each", "", after))
    if isinstance(outer, Doubt) or not (following or said_of):
        return level
    statement = _statement(tokens, start, outer)
    if isinstance(statement, Doubt) or statement.end != after or not following:
        return statement
    # CTN 12 350: what is in one has no unit, and that is what there is to say.
    inner = read_statement(tokens, after, opening=False)
    return inner if isinstance(inner, Doubt) else level


def _level(tokens: Sequence[Token], run: Run, after: int, *, opening: bool) -> _Level | Doubt:
    noun = noun_at(tokens, after)
    if noun is not None:
        return _noun_level(tokens, run, noun)
    for form in (_cans, _contents_of_a_case, _bare_unit, _adjectival):
        level = form(tokens, run, after)
        if level is not None:
            return level
    if opening and not run.operators:
        return _described(tokens, run, after)
    return _no_unit(run)


def _no_unit(run: Run) -> Doubt:
    return Doubt(f"no unit after {run.text}")


def _noun_level(tokens: Sequence[Token], run: Run, noun: Noun) -> _Level | Doubt:
    if noun.kind == "length":
        return Doubt(f"{run.text} {noun.text.lower()} is a length, no quantity of goods")
    keg = keg_of(run, noun.text)
    if isinstance(keg, Keg):
        return _Level(Levels(keg.counts, _ONE), replace(noun, kind="measure", unit=keg.unit))
    if keg is not None:
        return keg
    if noun.kind == "measure":
        levels = measured(run, noun.unit)
        return levels if isinstance(levels, Doubt) else _with_ounces(tokens, levels, noun)
    # Containers and dozens are had by halves, single things are not.
    rule = portioned if noun.kind == "container" or noun.unit == "dozen" else counted
    return _of(rule(run, noun.text.lower()), noun)


def _of(levels: Levels | Doubt, noun: Noun) -> _Level | Doubt:
    if isinstance(levels, Doubt):
        return levels
    if noun.kind != "measure" and not is_count(_single_things(levels.last, noun)):
        return Doubt(f"a number of {noun.text.lower() or 'things'} is a whole number")
    return _Level(levels, noun)


def _single_things(number: Decimal, noun: Noun) -> Decimal:
    """Half a dozen eggs are 6."""
    return Decimal(plain(EXACT.multiply(number, TO_BASE[noun.unit][0])))


def _with_ounces(tokens: Sequence[Token], levels: Levels, noun: Noun) -> _Level:
    """8 LBS 12 OZ: one size in two units. Not after #, which nobody mixes with ounces."""
    ounces = tokens[noun.end]
    if noun.unit == "lb" and noun.text != "#" and ounces.value is not None and 0 < ounces.value < _OUNCES_IN_A_POUND:
        second = noun_at(tokens, noun.end + 1)
        if second is not None and second.unit == "oz" and is_count(levels.last):
            pounds = EXACT.add(levels.last, EXACT.divide(ounces.value, _OUNCES_IN_A_POUND))
            return _Level(Levels(levels.counts, pounds), replace(noun, end=second.end))
    return _Level(levels, noun)


def _cans(tokens: Sequence[Token], run: Run, after: int) -> _Level | Doubt | None:
    sign = after + (tokens[after].text in ("/", "x", "-"))
    if tokens[sign].text != "#" or not is_can_size(tokens, sign):
        return None
    size = tokens[sign + 1].text
    if size not in CAN_SIZES:
        return Doubt(f"#{size} is no can size")
    return _of(counted(run, "cans"), Noun("container", "each", f"cans #{size}", sign + 2))


def _contents_of_a_case(tokens: Sequence[Token], run: Run, after: int) -> _Level | Doubt | None:
    if (tokens[after].text == "/" or tokens[after].text in PER) and tokens[after + 1].text in CONTAINERS:
        return _of(per_case(run), Noun("piece", "each", "", after))
    return None


def _bare_unit(tokens: Sequence[Token], run: Run, after: int) -> _Level | Doubt | None:
    """4/GAL: a bare unit after the slash is one of that unit."""
    noun = noun_at(tokens, after + 1) if tokens[after].text == "/" else None
    if noun is None or noun.kind == "length":
        return None
    levels = per_case(run)
    if noun.kind != "measure" or isinstance(levels, Doubt):
        return _of(levels, noun)
    if not is_count(levels.last):
        return Doubt("a number of packs is a whole number above 0")
    return _Level(Levels((*levels.counts, levels.last), _ONE), noun)


def _adjectival(tokens: Sequence[Token], run: Run, after: int) -> _Level | Doubt | None:
    """10 ONE-OUNCE PIECES, 12 16-OZ CANS: the size of each, as an adjective."""
    size, hyphen = tokens[after], tokens[after + 1] if tokens[after].kind != "end" else tokens[after]
    number = Decimal(NUMBER_WORDS[size.text]) if size.text in NUMBER_WORDS else size.value
    if number is None or hyphen.text != "-" or not hyphen.glued:
        return None
    noun, levels = noun_at(tokens, after + 1), per_case(run)
    if noun is None or isinstance(levels, Doubt) or noun.kind == "length":
        return None
    if noun.kind != "measure":
        each = f"{size.text}-{noun.text}".lower()
        return Doubt(readings=(f"{run.text} of {each}", f"{run.text} things in {each}s"))
    return _of(Levels((*levels.counts, levels.last), number), noun) if is_count(levels.last) else None


def _described(tokens: Sequence[Token], run: Run, after: int) -> _Level | Doubt:
    """6 CLOTH BAGS, 36 MINI SAUSAGES PER CASE: only at the head of the text, and only with a plural.

    A misspelt unit (50 LBZ BAG) must not become 50 bags.
    """
    for position in range(after, after + _MOST_ADJECTIVES + 1):
        word = tokens[position]
        if word.kind != "word" or word.text in PER:
            break
        plural = word.text.endswith("S")
        noun = noun_at(tokens, position)
        if plural and noun is not None and noun.kind in ("piece", "container"):
            return _of(counted(run, noun.text.lower()), noun)
        if plural and tokens[position + 1].text in PER and tokens[position + 2].text in CONTAINERS:
            return _of(per_case(run), Noun("piece", "each", word.text, position + 1))
    return _no_unit(run)


def _statement(tokens: Sequence[Token], start: int, level: _Level) -> Statement | Doubt:
    counts: tuple[Decimal, ...] = ()
    while level.noun.kind != "measure" and len(counts) <= MOST_LEVELS:
        following, certain = _following_number(tokens, level.noun)
        if following is None:
            break
        run, after = read_run(tokens, following)
        inner = _level(tokens, run, after, opening=False)
        if isinstance(inner, Doubt) and certain:
            return inner
        if isinstance(inner, Doubt):
            break
        counts += (*level.levels.counts, _single_things(level.levels.last, level.noun))
        level = inner
    return _with_tail(tokens, _closed(start, counts, level))


def _following_number(tokens: Sequence[Token], noun: Noun) -> tuple[int | None, bool]:
    """Where the next level's number is, and whether a joiner makes certain that there is one."""
    position = noun.end
    token = tokens[position]
    holds = noun.kind == "container"
    joined = token.text in JOINERS or token.text in ("/", "x") or (holds and token.text == "(")
    if joined and tokens[position + 1].kind == "number":
        return position + 1, True
    if holds and token.text in (",", "-") and tokens[position + 1].kind == "number":
        return position + 1, False
    return (position, False) if holds and token.kind == "number" else (None, False)


def _closed(start: int, counts: tuple[Decimal, ...], level: _Level) -> Statement:
    levels, noun = level.levels, level.noun
    if noun.kind == "container":
        return Statement((*counts, *levels.counts, levels.last), _ONE, "each", noun.kind, noun.text, start, noun.end)
    return Statement((*counts, *levels.counts), levels.last, noun.unit, noun.kind, noun.text, start, noun.end)


def _with_tail(tokens: Sequence[Token], statement: Statement) -> Statement | Doubt:
    """`statement` with the words after it that only say how it is packed."""
    rules: tuple[Callable[[Sequence[Token], Statement], Statement | None], ...] = (_container, _each, _per, _bracket, _times)
    while True:
        for rule in rules:
            longer = rule(tokens, statement)
            if longer is not None:
                statement = longer
                break
        else:
            break
    return statement if len(statement.counts) <= MOST_LEVELS else Doubt("too many levels")


def _container(tokens: Sequence[Token], statement: Statement) -> Statement | None:
    position = statement.end + (tokens[statement.end].text in ("-", "/"))
    text = tokens[position].text
    form = text in CONTAINERS or (text in PIECES and statement.kind == "measure" and position == statement.end)
    return replace(statement, end=position + 1) if form and text not in EACH else None


def _each(tokens: Sequence[Token], statement: Statement) -> Statement | None:
    position = statement.end + (tokens[statement.end].text == "/")
    return replace(statement, end=position + 1, of_one=True) if tokens[position].text in EACH else None


def _per(tokens: Sequence[Token], statement: Statement) -> Statement | None:
    named = tokens[statement.end].text in PER and tokens[statement.end + 1].kind == "word"
    return replace(statement, end=statement.end + 2) if named else None


def _bracket(tokens: Sequence[Token], statement: Statement) -> Statement | None:
    return replace(statement, end=statement.end + 1) if tokens[statement.end].text == ")" else None


def _times(tokens: Sequence[Token], statement: Statement) -> Statement | None:
    """500 ML X 24: the count comes last."""
    times, number = tokens[statement.end], tokens[min(statement.end + 1, len(tokens) - 1)]
    if statement.kind != "measure" or times.text != "x" or number.value is None or not is_count(number.value):
        return None
    noun = noun_at(tokens, statement.end + 2)
    if noun is not None and noun.kind in ("measure", "length"):
        return None
    end = statement.end + 2 if noun is None else noun.end
    return replace(statement, counts=(number.value, *statement.counts), end=end)
