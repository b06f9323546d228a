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

    `other` is the second reading of a comma or point: 1,500 is 1500, and 1.5 where a comma is the decimal point; 1.500 too.
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
_POINTED_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[0-9]*,[0-9]+")

# What a vendor puts before an article's name: *NEW* VINEGAR.
_FLAG = re.compile(r"\s*\*[^\W\d_]\w{0,9}\*")
# Two words typed together, CaseCola or ctXL, by their capitals; but mL and MilliLiter are one word.
_TOGETHER = re.compile(r"(?<!illi|enti|Deci|deci|Kilo|kilo)(?:(?<=[a-z])(?=[A-Z][a-z])|(?<=[a-z][a-z])(?=[A-Z]))")

# 5g, as no slash says that it is a list's 4/1g: a small g is the sign of the gram. In capitals it may be a gallon.
_SMALL_G = re.compile(r"(?<=[0-9])( ?)g(?![^\W\d_])")
_SLASHES = frozenset("/|\\\N{FRACTION SLASH}\N{DIVISION SLASH}")

# HALF GAL; but not HALF & HALF QT, which is a cream. After a number it is the size of each: 9 HALF GAL.
_HALF = re.compile(
    r"(?:(?<=[0-9])( ))?(?<![^\W\d_])(?<!&)(?<!& )(?<!F[-/ ])(?<! N )(?<! AND )HALF[ -]?"
    r"(?=(?:GAL|GALS|GALLONS?|GL|GA|LBS?|POUNDS?|KG|KILOS?|PTS?|PINTS?|QTS?|QUARTS?|LITERS?|LITRES?|DZ|DOZ|DOZENS?|BBLS?|BARRELS?)"
    r"(?![^\W\d_]))"
)
# G.W. and GR. WT. of an exporter's label: the gross weight, N.W. the net one.
_GROSS_OR_NET = re.compile(r"(?<![^\W_])([GN])[./] ?W(?![^\W_])")
_GROSS_WEIGHT = re.compile(r"(?<![^\W_])(?<![0-9] )GRS?[. ]{0,2}(?=(?:WT|WGT|WEIGHT)(?![^\W_]))")

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
    text = _SMALL_G.sub(r"\1gm", text) if _SLASHES.isdisjoint(text) else text
    return _spelt(text.upper() if text.isascii() else "".join(map(_folded, text)))


def _spelt(text: str) -> str:
    """Words and signs that tell a number or a weight, as the tokens that say so: HALF GAL is .5 GAL, G.W. is GW."""
    if "HALF" in text:
        text = _HALF.sub(lambda found: " X .5 " if found[1] else ".5 ", text)
    return _GROSS_WEIGHT.sub("GROSS ", _GROSS_OR_NET.sub(r"\1W", text)) if "W" in text else text


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
        other = _decimal(text.replace(".", "")) if _POINTED_THOUSANDS.fullmatch(text) else None
        return (_decimal(text) if text.count(".") <= 1 else None), other
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
