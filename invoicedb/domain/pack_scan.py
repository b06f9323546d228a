"""All that a text states about sizes: its statements, its other words, and what in it is doubtful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from invoicedb.domain.pack_grammar import Statement, read_contents, read_statement
from invoicedb.domain.pack_runs import Doubt, read_run
from invoicedb.domain.pack_tokens import Token, tokenise
from invoicedb.domain.vocabulary import EACH, PACKINGS, QUALIFIERS, WEIGHT


@dataclass(slots=True)
class Scan:
    """What `scan` found. `names`: words that belong to no statement, in order. `fatal`: what no reader may overlook.

    `packing`: the container that the text begins with, when a number follows it at once (BAG 50 LB).
    """

    tokens: Sequence[Token]
    packing: str = ""
    statements: list[Statement] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    fatal: list[Doubt] = field(default_factory=list)
    # How the text since the last statement looks, and the words of qualification that wait for the next one.
    link: str = ""
    pending: str = ""
    is_weight: bool = False


def scan(text: str) -> Scan:
    """Everything stated in `text`, in the order it stands. Linear: no token is read more often than a fixed number of times."""
    found = Scan(tokenise(text))
    position = _opening(found)
    while found.tokens[position].kind != "end":
        token = found.tokens[position]
        if token.kind == "number":
            position = _number(found, position)
        elif token.text in QUALIFIERS:
            position = _qualifier(found, position)
        elif token.text in WEIGHT:
            position = _weight(found, position)
        else:
            _other(found, position)
            position += 1
    return found


def _opening(found: Scan) -> int:
    """CTN 12 ..., CS/6 ..., EACH 2 ..., CASE OF 24 at the head of the text. Returns where the rest begins."""
    tokens = found.tokens
    head = tokens[0]
    if head.text in EACH and tokens[1].kind == "number":
        return _number(found, 1)
    if head.text not in PACKINGS:
        return 0
    said_of = tokens[1].text == "OF"
    start = 2 if said_of or tokens[1].text in ("(", "/") else 1
    if tokens[start].kind != "number":
        return 0
    found.packing = head.text
    return _take(found, start, read_contents(tokens, start, head, said_of=said_of))


def _number(found: Scan, position: int) -> int:
    if _part_of_a_name(found, position):
        found.link = "words"
        return position + 1
    opening = not found.statements and not found.names
    if opening and found.link in ("/", "x"):
        found.fatal.append(Doubt("the number before the size is missing"))
    return _take(found, position, read_statement(found.tokens, position, opening=opening))


def _part_of_a_name(found: Scan, position: int) -> bool:
    """3in1, C/5, 1e9, #2: a number that is one word with what is before it."""
    tokens = found.tokens
    before, at = tokens[position - 1], tokens[position]
    if not at.glued or before.text == "#":
        return at.glued
    if found.link != "words" or not before.glued:
        return False
    return before.text == "/" or (before.kind == "word" and tokens[position - 2].kind == "number")


def _take(found: Scan, position: int, result: Statement | Doubt) -> int:
    if isinstance(result, Statement):
        said = result.weighed if found.is_weight else result
        found.statements.append(replace(said, link=found.link, qualifier=found.pending))
        found.link, found.pending, found.is_weight = "", "", False
        return result.end
    found.doubts.append(result)
    # At the head of the text, and right behind a statement, a number that means nothing makes all of it doubtful.
    # Not so a range behind the size (5 LB, 5-7 OZ), and no number in the middle of a name (SHRIMP 16/20).
    several = bool(result.readings) and not result.range_only
    if several or found.link != "words":
        found.fatal.append(result)
    found.link = "words"
    return read_run(found.tokens, position)[1]


def _qualifier(found: Scan, position: int) -> int:
    """NET, DRAINED, GROSS: of the number that follows at once, or after WT; else of the statement before."""
    meaning = QUALIFIERS[found.tokens[position].text]
    following = position + 1 + (found.tokens[position + 1].text in WEIGHT)
    if _is_number(found, following) or not found.statements:
        found.pending = meaning
    else:
        found.statements[-1] = replace(found.statements[-1], qualifier=meaning)
    return position + 1


def _weight(found: Scan, position: int) -> int:
    """WT: of the number that follows at once, or after NET; else of the statement before."""
    following = position + 1 + (found.tokens[position + 1].text in QUALIFIERS)
    if _is_number(found, following) or not found.statements:
        found.is_weight = True
    else:
        found.statements[-1] = found.statements[-1].weighed
    return position + 1


def _is_number(found: Scan, position: int) -> bool:
    return found.tokens[position + (found.tokens[position].text == ":")].kind == "number"


def _other(found: Scan, position: int) -> None:
    token, following = found.tokens[position], found.tokens[position + 1]
    if token.kind == "word":
        found.names.append(token.text)
        found.link = "words"
    elif token.text == "?":
        found.fatal.append(Doubt("it is marked as doubtful itself"))
    elif token.text == "-" and following.kind == "number" and following.glued and not (found.names or found.statements):
        found.fatal.append(Doubt("its number has a sign"))
    elif found.link != "words":
        found.link = token.text
