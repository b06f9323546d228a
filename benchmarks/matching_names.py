"""Invented names by the million, each once, and how a line may write one of them: the same for the same seed.

Names share their words as real ones do: a few brands and kinds are in most of them. So the keys of two common words have
thousands of holders, of whom a look-up sees 64: that is what makes a large catalog hard.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.catalog import BRANDS, CUTS, GOODS, KINDS, PACKS
from benchmarks.matching_sets import Text

SYLLABLES = "bar den fil gor lum mas nel pir ros sut tav vez zok cal mino".split()
INVENTED_BRANDS = 2_000
FLAVOURS = (
    "Garlic Herb Honey Chili Smoky Pepper Citrus Ginger Sesame Maple Ranch Barbecue Tomato Cheese Vanilla Cocoa Caramel Berry "
    "Coconut Curry Mustard Truffle Rosemary Lime"
).split()
SORTS = (
    "Premium Classic Family Country Rustic Jumbo Mini Seedless Lean Aged Hickory Parboiled Unbleached Stone Sprouted Canned "
    "Pickled Toasted Blanched Candied Cured Grilled Braised Seasoned"
).split()
MORE_GOODS = (
    "Pork Lamb Veal Duck Tuna Cod Crab Scallop Lobster Squash Celery Cabbage Lettuce Cucumber Radish Beet Turnip Leek Garlic "
    "Parsley Cilantro Thyme Cinnamon Nutmeg Paprika Cumin Oat Barley Quinoa Couscous Noodle Tortilla Bagel Croissant Muffin "
    "Waffle Pancake Biscuit Cracker Pretzel Popcorn Pecan Cashew Pistachio Raisin Cranberry Blueberry Raspberry Grape Melon "
    "Kiwi Pineapple Papaya Avocado Artichoke Asparagus Broccoli Cauliflower Zucchini Eggplant"
).split()
FORMS = (
    "Roll Steak Cutlet Loaf Link Tender Nugget Ring Stick Chip Flake Powder Spread Dip Soup Stew Salad Bowl Tray Kit".split()
)
MISTAKES = 2
"""What a line may do to a name at most: two of leaving out a word, shortening one, a slip of the pen, another order."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one place in a name, and how often each stands there."""

    words: Sequence[str]
    summed: Sequence[float]

    @classmethod
    def of(cls, words: Sequence[str]) -> Words:
        """The first is twice as frequent as the second, and so on, as words are."""
        return cls(words, list(itertools.accumulate(1 / rank for rank in range(1, len(words) + 1))))

    def draw(self, chance: random.Random) -> str:
        [word] = chance.choices(self.words, cum_weights=self.summed)
        return word


def invented_brands() -> list[str]:
    made = ("".join(parts).title() for parts in itertools.product(SYLLABLES, repeat=3))
    return [*BRANDS, *itertools.islice(made, INVENTED_BRANDS)]


PLACES = tuple(map(Words.of, (invented_brands(), [*KINDS, *SORTS], FLAVOURS, [*GOODS, *MORE_GOODS], [*CUTS, *FORMS])))
LEFT_OUT = (0.0, 0.1, 0.5, 0.0, 0.3)
"""How often a name has nothing at that place."""


def names(seed: int) -> Iterator[Text]:
    """Items without end, no name twice. The first so many are a smaller catalog's."""
    chance, seen = random.Random(seed), set[str]()
    for place in itertools.count(1):
        while (name := draw_name(chance)) in seen:
            pass
        seen.add(name)
        yield Text(str(place), name, chance.choice(PACKS))


def draw_name(chance: random.Random) -> str:
    drawn = (words.draw(chance) for words, left_out in zip(PLACES, LEFT_OUT, strict=True) if chance.random() >= left_out)
    return " ".join(dict.fromkeys(drawn))


def as_a_line_has_it(item: Text, chance: random.Random) -> Text:
    """The item as another vendor writes it, in the same pack."""
    words = item.text.upper().split()
    for change in chance.sample((leave_one_out, shorten_one, slip, reorder), chance.randint(1, MISTAKES)):
        words = change(words, chance)
    return Text(item.id, " ".join(words), item.pack)


def leave_one_out(words: list[str], chance: random.Random) -> list[str]:
    kept = list(words)
    if len(kept) > 2:
        kept.pop(chance.randrange(len(kept)))
    return kept


def shorten_one(words: list[str], chance: random.Random) -> list[str]:
    """Without its vowels: CHCKN."""
    at = chance.randrange(len(words))
    short = words[at][0] + "".join(letter for letter in words[at][1:] if letter not in "AEIOU")
    return [*words[:at], short, *words[at + 1 :]]


def slip(words: list[str], chance: random.Random) -> list[str]:
    """Two letters of the longest word change places."""
    longest = max(words, key=len)
    at = chance.randrange(1, max(len(longest) - 1, 2))
    slipped = longest[:at] + longest[at : at + 2][::-1] + longest[at + 2 :]
    return [slipped if word is longest else word for word in words]


def reorder(words: list[str], chance: random.Random) -> list[str]:
    return chance.sample(words, len(words))
