"""A pack size's text as tokens: numbers, words and marks.

Folded first: upper case, no accents, no invisible characters; a vulgar fraction becomes its decimals (1½ is 1.5).
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from invoicedb.domain.numbers import EXACT, FRACTION_DIGITS, INTEGER_DIGITS, plain

Kind = Literal["number", "word", "mark", "end"]


class Token(NamedTuple):
    """`glued`: nothing between it and the token before. `value` is None where a number can't be one (1.2.3, too many digits).

    `other` is the second reading of a comma: 1,500 is 1500, and 1.5 where a comma is the decimal point.
    """

    kind: Kind
    text: str
    glued: bool
    value: Decimal | None = None
    other: Decimal | None = None


END = Token("end", "", False)

# Every alternative eats what it starts with and never looks back: one pass, whatever the text.
_TOKEN = re.compile(r"((?:\.|(?<!\S),)?[0-9]+(?:[.,][0-9]+)*)|([^\W\d_]+)|([-=*_~.])\3+|(\S)")
_NUMBER, _WORD, _RUN, _MARK = 1, 2, 3, 4
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DECIMAL_COMMA = re.compile(r"[0-9]*,[0-9]+")

# What a vendor puts before an article's name: *NEW* VINEGAR.
_FLAG = re.compile(r"\s*\*[^\W\d_]\w{0,9}\*")
# Two words typed together, CaseCola or ctXL, by their capitals; but mL and MilliLiter are one word.
_TOGETHER = re.compile(r"(?<!illi|enti|Deci|deci|Kilo|kilo)(?:(?<=[a-z])(?=[A-Z][a-z])|(?<=[a-z][a-z])(?=[A-Z]))")

_VULGAR_FRACTIONS = {
    "½": ".5",
    "¼": ".25",
    "¾": ".75",
    "⅛": ".125",
    "⅜": ".375",
    "⅝": ".625",
    "⅞": ".875",
    "⅕": ".2",
    "⅖": ".4",
    "⅗": ".6",
    "⅘": ".8",
    "⅒": ".1",
}
_SAME_MARK = dict.fromkeys("|\\\N{FRACTION SLASH}\N{DIVISION SLASH}", "/")
_SAME_MARK |= dict.fromkeys("*@\N{MULTIPLICATION SIGN}\N{MULTIPLICATION X}", "x")
_SAME_MARK |= dict.fromkeys("\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}", "-")
_ZERO, _NINE = "\N{FULLWIDTH DIGIT ZERO}", "\N{FULLWIDTH DIGIT NINE}"
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"


def tokenise(text: str) -> list[Token]:
    """The tokens of `text`, in order, and an end. Linear in its length."""
    tokens: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(_capitals(text)):
        written = match.group()
        # A dot that belongs to no number ends an abbreviation: FL. OZ.
        if written != ".":
            tokens.append(_token(match.lastindex, written, match.start() == end))
        end = match.end()
    tokens.append(END)
    return tokens


def _capitals(text: str) -> str:
    flag = _FLAG.match(text)
    text = _TOGETHER.sub(" ", text[flag.end() :] if flag else text)
    return text.upper() if text.isascii() else "".join(map(_folded, text))


def _token(group: int | None, text: str, glued: bool) -> Token:
    if group == _NUMBER:
        value, other = _number(text)
        return Token("number", text, glued, value, other)
    if group == _WORD and text != "X":
        return Token("word", text, glued)
    if group == _RUN:
        return Token("mark", "--", glued)
    return Token("mark", _SAME_MARK.get(text, text.lower()), glued)


@lru_cache(maxsize=4096)
def _number(text: str) -> tuple[Decimal | None, Decimal | None]:
    if "," not in text:
        return (_decimal(text) if text.count(".") <= 1 else None), None
    if _THOUSANDS.fullmatch(text):
        ambiguous = text.count(",") == 1 and "." not in text
        return _decimal(text.replace(",", "")), _decimal(text.replace(",", ".")) if ambiguous else None
    if _DECIMAL_COMMA.fullmatch(text):
        return _decimal(text.replace(",", ".")), None
    return None, None


def _decimal(text: str) -> Decimal | None:
    integer, _, fraction = text.partition(".")
    if len(integer) > INTEGER_DIGITS or len(fraction) > FRACTION_DIGITS:
        return None
    return Decimal(plain(EXACT.create_decimal(text)))


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    if character in _VULGAR_FRACTIONS:
        return _VULGAR_FRACTIONS[character]
    if unicodedata.category(character) == "Cf":
        return ""
    letters = "".join(part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    # Full-width digits are digits; a superscript or a circled digit is not a digit of the number that it stands beside.
    if not character.isascii() and not _ZERO <= character <= _NINE and any(part.isdigit() for part in letters):
        return _UNREADABLE
    return letters.upper()
