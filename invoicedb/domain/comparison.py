"""Compares two readings: how much of their words is the same, what speaks against it, what a person should look at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from invoicedb.domain.likeness import Likeness, likeness
from invoicedb.domain.reading import Reading
from invoicedb.domain.stated_sizes import MEASURED_IN, Pack, Size, any_states
from invoicedb.domain.words import CHANGING, EXCLUDING, FAINT, IMPLIED, TURNED

FAINT_WEIGHT = 0.25
"""Of a word that says little, and of a single letter; other words weigh 1."""

FACT_WEIGHT = 0.5

SHARED_CODE_SCORE = 0.90
"""The least score of two names with the same maker's code: it says more than all words."""

LEAST_BESIDE_A_CODE = 0.30
"""Accessories name the code of what they are for: with fewer words in common than this, a code lifts nothing."""

_SEVERAL = 2
"""Codes beside a shared one: a list of what an accessory is for, not what it is."""

_IMPLIED = frozenset(IMPLIED)
_LINKING_LETTERS = frozenset("N")


@dataclass(slots=True)
class Comparison:
    """`score` from 0 to 1; `vetoes`: why these are different goods; `cautions`: why a person should look.

    `replaced`: each has words that the other has not. `shared_codes`: the codes that decided.
    """

    score: float = 0.0
    vetoes: list[str] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    replaced: bool = False
    shared_codes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Side:
    """One text in a comparison, with the words and facts that the other has not, and has not elsewhere either."""

    reading: Reading
    words: list[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, reading: Reading, other: Reading, elsewhere: frozenset[str]) -> Side:
        """Where both have a number that the other has not, no pack excuses it: 6 IN is not 12 IN, in whatever cases of 6/12."""
        words = [word for word in reading.words if word not in other.said]
        alone = reading.facts - other.facts
        return cls(reading, words, alone if other.facts - reading.facts else alone - elsewhere)

    def weighs(self, letters: frozenset[str]) -> float:
        alone = FAINT_WEIGHT * len(self.reading.letters - letters)
        return sum(map(weight, self.words)) + alone + FACT_WEIGHT * len(self.facts)

    def numbers(self) -> frozenset[str]:
        return self.facts.union(word for word in self.words if not word.isalpha())

    def drop_implied(self) -> None:
        """What the text's other words imply adds nothing: 2% milk is reduced in fat."""
        says = self.reading.facts.union(self.reading.words)
        self.words = [word for word in self.words if not any(needed <= says for needed in IMPLIED.get(word, ()))]


def compare(
    line: Reading, name: Reading, packs: Iterable[Pack] = (), ignored_codes: frozenset[str] = frozenset()
) -> Comparison:
    """How likely `line` names the same goods as `name`, a description of an item that comes in `packs`.

    The packs of one side excuse a size or number that only the other side's text states: FLOUR 50 LB is FLOUR, 50 LB a pack.
    `ignored_codes` are codes that single out no item.
    """
    packs = (*packs, name.pack)
    found = Comparison(shared_codes=(line.codes & name.codes) - ignored_codes)
    ours = Side.of(line, name, line.own.union(*[pack.facts for pack in packs]))
    theirs = Side.of(name, line, name.own | line.pack.facts)
    found.score = _score(ours, theirs, found)
    _judge_codes(line, name, found)
    _judge_words(ours.words, theirs.words, found)
    _judge_letters(line.letters - name.letters, name.letters - line.letters, found)
    _judge_sizes(line, name, packs, found)
    _judge_order(line, name, found)
    if not found.shared_codes:
        _judge_units(line, name, packs, found)
        _judge_leftovers(ours, theirs, found)
        _judge_numbers(ours.numbers(), theirs.numbers(), (*ours.words, *theirs.words), found)
        _judge_links(line.links ^ name.links, found)
    return found


def most_in_common(line: Reading, name: Reading) -> float:
    """No less than the score of `compare`, in a fraction of its time: most candidates share two words and can't come near.

    Every word that may be one of the other's counts as it; what is implied, and numbers that a pack may state, don't count.
    """
    both = line.said & name.said
    ours, theirs = line.said - both, name.said - both
    if not (line.codes.isdisjoint(name.codes) and line.joined.isdisjoint(theirs) and name.joined.isdisjoint(ours)):
        return 1.0
    alike = {word for a in ours for b in theirs if a[0] == b[0] and likeness(a, b) for word in (a, b)}
    same = _weigh(both) + len(alike) / 2
    same += FAINT_WEIGHT * len(line.letters & name.letters) + FACT_WEIGHT * len(line.facts & name.facts)
    left = _weigh((ours | theirs) - alike - _IMPLIED) + FAINT_WEIGHT * len(line.letters ^ name.letters)
    return 2 * same / (2 * same + left) if same else 0.0


def weight(word: str) -> float:
    """How much a word says of the goods."""
    return FAINT_WEIGHT if word in FAINT else 1.0


def _weigh(words: Set[str]) -> float:
    return len(words) - (1 - FAINT_WEIGHT) * len(words & FAINT)


# ---- what is the same ------------------------------------------------------------------------------------------------------


def _score(ours: Side, theirs: Side, found: Comparison) -> float:
    """Dice's coefficient: twice what both say, over all that is said. Words that may be one count for what they are worth."""
    line, name = ours.reading, theirs.reading
    letters = line.letters & name.letters
    shared = sum(weight(word) for word in line.words if word not in ours.words)
    shared += FAINT_WEIGHT * len(letters) + FACT_WEIGHT * len(line.facts & name.facts)
    joined = _join(ours, theirs) + _join(theirs, ours)
    pairs = _pair(ours, theirs)
    found.cautions += [f"{a} may be {b}: {like.caution}" for a, b, like in pairs if like.caution]
    ours.drop_implied()
    theirs.drop_implied()
    whole = 2 * (shared + joined + len(pairs)) + ours.weighs(letters) + theirs.weighs(letters)
    return 2 * (shared + joined + sum(like.worth for _, _, like in pairs)) / whole if whole else 0.0


def _join(parts: Side, whole: Side) -> float:
    """Takes NIGHT LIGHT out of one text and NIGHTLIGHT out of the other, and says what they weigh."""
    joined = 0.0
    for first, second in pairwise(parts.reading.words if whole.words and parts.words else ()):
        if first + second in whole.words and (first in parts.words or second in parts.words):
            whole.words.remove(first + second)
            parts.words = [word for word in parts.words if word not in (first, second)]
            joined += 2
    return joined


def _pair(ours: Side, theirs: Side) -> list[tuple[str, str, Likeness]]:
    """Takes words that may be one out of both texts, the likest first."""
    alike = [(a, b, like) for a in ours.words for b in theirs.words if (like := likeness(a, b))]
    pairs = []
    for a, b, like in sorted(alike, key=_likest_first):
        if a in ours.words and b in theirs.words:
            ours.words.remove(a)
            theirs.words.remove(b)
            pairs.append((a, b, like))
    return pairs


def _likest_first(pair: tuple[str, str, Likeness]) -> tuple[float, list[str]]:
    return -pair[2].worth, sorted(pair[:2])


# ---- what speaks against it ------------------------------------------------------------------------------------------------


def _judge_codes(line: Reading, name: Reading, found: Comparison) -> None:
    ours, theirs = line.codes - name.codes, name.codes - line.codes
    if ours and theirs and not _may_be_one_code(ours, theirs):
        # Numbers alone may be a lot's or a vendor's own: they change while the goods stay.
        against = found.cautions if all(map(str.isdigit, ours | theirs)) else found.vetoes
        against.append(f"another code: {_listed(ours)}, {_listed(theirs)}")
    elif bool(line.codes) is not bool(name.codes) and (alone := (ours - line.own) | (theirs - name.own)):
        # Other articles may have the same words: of names alike but for a code, more than one in twenty was another article.
        found.cautions.append(f"only one says {_listed(alone)}")
    others = ours if len(ours) >= len(theirs) else theirs
    if found.shared_codes and len(others) >= _SEVERAL:
        found.cautions.append(f"fits several: {_listed(others)}")
    if found.score < LEAST_BESIDE_A_CODE:
        found.shared_codes = frozenset()
    if found.shared_codes:
        found.score = max(found.score, SHARED_CODE_SCORE)


def _may_be_one_code(codes: Iterable[str], others: Iterable[str]) -> bool:
    """GS205 and GS205NA: one code, a market's or a colour's suffix. QV31415 and 31415: a maker's letters."""
    return any(_is_part(code, other) or _is_part(other, code) for code in codes for other in others)


def _is_part(short: str, long: str) -> bool:
    return long.startswith(short) or (short.isdigit() and not long.isdigit() and long.endswith(short))


def _judge_words(ours: list[str], theirs: list[str], found: Comparison) -> None:
    for group in EXCLUDING if ours and theirs else ():
        if not group.isdisjoint(ours) and not group.isdisjoint(theirs):
            found.vetoes.append(f"{_listed(group.intersection(ours))} is not {_listed(group.intersection(theirs))}")
    found.vetoes += [f"only one says {word}" for word in sorted(CHANGING.intersection([*ours, *theirs]))]


def _judge_letters(ours: frozenset[str], theirs: frozenset[str], found: Comparison) -> None:
    """GRADE A is not GRADE B, and a glove M no glove; but A, N and W may be an article, AND, WITH."""
    if ours and theirs:
        found.vetoes.append(f"{_listed(ours)} is not {_listed(theirs)}")
    elif alone := (ours | theirs) - _LINKING_LETTERS:
        found.cautions.append(f"only one says {_listed(alone)}")


def _judge_order(line: Reading, name: Reading, found: Comparison) -> None:
    """Order is mostly noise, but CHOCOLATE MILK is drunk and MILK CHOCOLATE eaten."""
    both = line.said & name.said
    for pair in TURNED:
        if pair <= both and _in_order(line, pair) != _in_order(name, pair):
            found.cautions.append(f"{' '.join(_in_order(line, pair))} may not be {' '.join(_in_order(name, pair))}")


def _in_order(reading: Reading, words: frozenset[str]) -> list[str]:
    return [word for word in reading.words if word in words]


def _judge_links(alone: frozenset[str], found: Comparison) -> None:
    """SAUCE FOR PASTA may be no PASTA SAUCE. Where other words differ as well, they are the reason to look."""
    if alone and not found.cautions:
        found.cautions.append(f"only one says {_listed(alone)}")


def _judge_numbers(ours: frozenset[str], theirs: frozenset[str], said: Iterable[str], found: Comparison) -> None:
    """`said` are the words that a person is told of already: F40 is a word and a number."""
    if ours and theirs:
        found.vetoes.append(f"{_listed(ours)} is not {_listed(theirs)}")
    elif alone := (ours | theirs).difference(said):
        found.cautions.append(f"only one says {_listed(alone)}")


def _judge_leftovers(ours: Side, theirs: Side, found: Comparison) -> None:
    """A word that only one says may be a brand or another article: no rule can know."""
    extra, missing = ([word for word in side.words if weight(word) == 1] for side in (ours, theirs))
    found.replaced = bool(extra and missing)
    if found.replaced:
        found.cautions.append(f"{_listed(extra)} stands for {_listed(missing)}")
    elif extra or missing:
        found.cautions.append(f"only one says {_listed(extra or missing)}")


def _judge_sizes(line: Reading, name: Reading, packs: Sequence[Pack], found: Comparison) -> None:
    if not line.sizes and not name.sizes:
        return
    line_sizes, item_sizes = _sizes_of([line.pack]), _sizes_of(packs)
    for base_unit in ("g", "ml", "each"):
        ours = [size for size in _of_unit(line.sizes, base_unit) if not any_states([size], name.sizes)]
        theirs = [size for size in _of_unit(name.sizes, base_unit) if not any_states([size], line.sizes)]
        if ours and theirs:
            found.vetoes.append(_another_size(ours, theirs))
        elif ours:
            _judge_size(ours, line_sizes, item_sizes, found)
        elif theirs:
            _judge_size(theirs, item_sizes, line_sizes, found)


def _judge_size(stated: Sequence[Size], own: Sequence[Size], others: Sequence[Size], found: Comparison) -> None:
    """A size that only one text states. The pack of the `others` says it, or another one, or nothing of that dimension."""
    told = [size for size in _of_unit(others, stated[0].base_unit) if not size.is_one_unit]
    if any_states(stated, others):
        return
    if told and not _is_portion(stated, own):
        found.vetoes.append(_another_size(stated, told))
    else:
        found.cautions.append(f"only one says {_told(stated)}")


def _is_portion(stated: Sequence[Size], own: Sequence[Size]) -> bool:
    """A weight that its own pack doesn't say may be a portion's: CHICKEN BREAST 4 OZ, 40 LB. Liquids come in no portions."""
    packed = _of_unit(own, "g")
    return stated[0].base_unit == "g" and bool(packed) and not any_states(stated, packed)


def _another_size(ours: Iterable[Size], theirs: Iterable[Size]) -> str:
    return f"another size: {_told(ours)}, {_told(theirs)}"


def _told(sizes: Iterable[Size]) -> str:
    return " and ".join(dict.fromkeys(map(str, sizes)))


def _judge_units(line: Reading, name: Reading, packs: Sequence[Pack], found: Comparison) -> None:
    """How goods are sold: by the pound or by the piece. A size in that dimension says it as well."""
    ours, theirs = line.units - name.units, name.units - line.units
    if ours and theirs:
        found.cautions.append(f"{_listed(ours)} stands for {_listed(theirs)}")
    elif ours or theirs:
        sizes = (*name.sizes, *_sizes_of(packs)) if ours else (*line.sizes, *_sizes_of([line.pack]))
        measured = {each.base_unit for size in sizes for each in size.readings}
        if alone := [unit for unit in ours | theirs if MEASURED_IN.get(unit) not in measured]:
            found.cautions.append(f"only one says {_listed(alone)}")


def _sizes_of(packs: Iterable[Pack]) -> list[Size]:
    return [pack.size for pack in packs if pack.size]


def _of_unit(sizes: Iterable[Size], base_unit: str) -> list[Size]:
    return [size for size in sizes if size.base_unit == base_unit]


def _listed(words: Iterable[str]) -> str:
    return " ".join(sorted(words))
