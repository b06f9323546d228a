"""What is counted in a size: units, containers, single things, as they stand after a number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from invoicedb.domain.pack_tokens import Token
from invoicedb.domain.vocabulary import BARE_OUNCES, CONTAINERS, FLUID, LENGTHS, MEASURES, PIECES, WEIGHT

NounKind = Literal["measure", "piece", "container", "length"]
FLUID_OUNCE = "FL OZ"
WEIGHED_OUNCE = "OZ WT"
_LENGTH_MARKS = frozenset({'"', "'", "\N{PRIME}", "\N{DOUBLE PRIME}"})


@dataclass(frozen=True, slots=True)
class Noun:
    """A unit or a thing that is counted, and the position after it. `text`: an ounce that says which it is has one for all."""

    kind: NounKind
    unit: str
    text: str
    end: int


def noun_at(tokens: Sequence[Token], position: int) -> Noun | None:
    """The noun at `position`, which may be joined to its number by a hyphen: LB; fl. oz.; #; -oz; CANS."""
    token = tokens[position]
    if token.text == "-" and tokens[position + 1].glued and tokens[position + 1].kind == "word":
        position += 1
        token = tokens[position]
    if token.kind == "word":
        return _word_noun(tokens, position, token.text)
    if token.text == "#" and not is_can_size(tokens, position):
        return Noun("measure", "lb", "#", position + 1)
    return Noun("length", "", token.text, position + 1) if token.text in _LENGTH_MARKS else None


def _word_noun(tokens: Sequence[Token], position: int, word: str) -> Noun | None:
    ounce = _said_ounce(word, tokens[position + 1].text)
    if ounce:
        return Noun("measure", "oz" if ounce == WEIGHED_OUNCE else "fl oz", ounce, position + 2)
    if word in MEASURES:
        return Noun("measure", MEASURES[word], word, position + 1)
    if word in PIECES:
        return Noun("piece", PIECES[word], word, position + 1)
    if word in CONTAINERS:
        return Noun("container", "each", word, position + 1)
    return Noun("length", "", word, position + 1) if word in LENGTHS else None


def _said_ounce(word: str, following: str) -> str:
    """Which ounce two words name: FL OZ, OZ WT."""
    pair = {word, following}
    if pair.isdisjoint(BARE_OUNCES):
        return ""
    if not pair.isdisjoint(FLUID):
        return FLUID_OUNCE
    return "" if pair.isdisjoint(WEIGHT) else WEIGHED_OUNCE


def is_can_size(tokens: Sequence[Token], position: int) -> bool:
    """Whether `#` is followed at once by a number: #10 names a can, 10# is pounds."""
    following = tokens[position + 1]
    return tokens[position].text == "#" and following.kind == "number" and following.glued
