"""The words that the matcher knows, as data: what says nothing, what excludes each other, what changes the goods.

All upper case and singular, as `spelling` canonises words. A word that isn't here is still compared, as an unknown word, so a
gap costs a look by a person and never a wrong booking.
"""

from __future__ import annotations

from collections.abc import Mapping

# Two words next to each other that are one idea.
PHRASES: Mapping[tuple[str, str], str] = {
    ("BONE", "IN"): "BONEIN",
    ("CAGE", "FREE"): "CAGEFREE",
    ("DAIRY", "FREE"): "DAIRYFREE",
    ("EXTRA", "LARGE"): "XLARGE",
    ("EXTRA", "SMALL"): "XSMALL",
    ("FAT", "FREE"): "NONFAT",
    ("GLUTEN", "FREE"): "GLUTENFREE",
    ("LOW", "FAT"): "LOWFAT",
    ("LOW", "SODIUM"): "LOWSODIUM",
    ("NON", "FAT"): "NONFAT",
    ("POWDER", "FREE"): "POWDERFREE",
    ("SKIN", "OFF"): "SKINLESS",
    ("SKIN", "ON"): "SKINON",
    ("SUGAR", "FREE"): "SUGARFREE",
    ("TAIL", "OFF"): "TAILOFF",
    ("TAIL", "ON"): "TAILON",
    ("X", "LARGE"): "XLARGE",
}

# Numbers in words are facts, as digits are: THREE MINI FRAMES, SET OF 3.
NUMBERS: Mapping[str, str] = {
    "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5", "SIX": "6", "SEVEN": "7", "EIGHT": "8", "NINE": "9", "TEN": "10",
    "TWELVE": "12", "DOZEN": "12",
}  # fmt: skip

# Units that a name may say without a size, by spelling: they tell how the goods are sold (RASPBERRIES PINT, BEEF LB). Not
# POUND, GRAM or FOOT, which are words of names too: POUND CAKE, GRAM FLOUR.
UNITS: Mapping[str, str] = {
    spelling: unit
    for unit, spellings in {
        "GALLON": "GAL GALS GLN GALLON GALLONS",
        "QUART": "QT QTS QRT QUART QUARTS",
        "PINT": "PT PTS PNT PINT PINTS",
        "LITRE": "LITRE LITRES LITER LITERS LTR LTRS",
        "ML": "ML MLS",
        "LB": "LB LBS",
        "OZ": "OZ OZS OUNCE OUNCES",
        "KG": "KG KGS KILO KILOS",
        "INCH": "INCH INCHES",
        "CM": "CM",
        "MM": "MM",
    }.items()
    for spelling in spellings.split()
}

# Say nothing about which goods these are.
SILENT = frozenset(
    "AN AND ARE AT AVG BY CA CASE CODE COUNT CS CT EA EACH FOR FROM IN IS IT ITEM MISC NA NBR NR NUMBER OF ON OR PCS PER"
    " PIECE PKG PKT PRODUCT QTY SET SKU THE TO UNIT UPC WITH".split()
)

# Silent too, but a sauce for pasta is no pasta sauce for sure, and a box with a lid no lid.
LINKS = frozenset({"FOR", "WITH"})

# One thing in this order, and often another one in the other: a drink and a bar, a pizza and what is strewn on it. Most words
# are no such pair: JUICE ORANGE, FLOUR AP and BEEF GROUND are how order guides write them.
TURNED = tuple(
    frozenset(pair.split("/"))
    for pair in (
        "CHOCOLATE/MILK COFFEE/MILK MILK/TEA MILK/RICE COFFEE/CREAM COCONUT/CREAM BUTTER/CREAM BUTTER/COOKIE BUTTER/NUT"
        " CAKE/CUP CAKE/PAN CHEESE/PIZZA PEPPERONI/PIZZA PIZZA/SAUSAGE BURGER/CHEESE BEEF/TACO CHICKEN/TACO"
    ).split()
)

# Say little: two names may differ in them and mean the same goods.
FAINT = frozenset("BRAND DESIGN PACK PACKAGE QUALITY STYLE TYPE".split())

# What a word adds nothing to, once the others are there: 2% milk is reduced fat milk, cut corn is kernels.
IMPLIED: Mapping[str, tuple[frozenset[str], ...]] = {
    "REDUCED": (frozenset({"MILK", "2%", "FAT"}),),
    "FAT": (frozenset({"MILK", "2%"}), frozenset({"MILK", "1%"})),
    "LOWFAT": (frozenset({"MILK", "1%"}),),
    "FINE": (frozenset({"BEEF", "GROUND"}),),
    "KERNEL": (frozenset({"CORN", "CUT"}),),
    "JUICE": (frozenset({"TOMATO", "DICED"}), frozenset({"TOMATO", "WHOLE"})),
}

# Each line: an article is one of these and no other. In the leftovers of both names they are another article; on one side
# only they are a reason to look.
_EXCLUDING = """
RED WHITE BLUE GREEN YELLOW BLACK BROWN ORANGE PINK PURPLE IVORY CREAM GRAY SILVER GOLD TURQUOISE LILAC BEIGE CLEAR KRAFT MINT
XSMALL SMALL MEDIUM LARGE XLARGE XXLARGE JUMBO MINI GIANT COLOSSAL
BREAST THIGH WING LEG DRUMSTICK TENDER TENDERLOIN RIB LOIN CHUCK BRISKET SIRLOIN RIBEYE FLANK SHANK SHOULDER BUTT BELLY NECK
SHREDDED SLICED DICED CRUSHED WHOLE CHOPPED MINCED CUBED GRATED CRUMBLED PUREE GROUND CHUNK JULIENNE WEDGE SPEAR STRIP
PASTE SAUCE SOUP JUICE POWDER SYRUP GRANULATED FLAKE
LIQUID SHELL POWDER DRY
FLORET CROWN
LOAF BLOCK STICK
WHOLE SKIM LOWFAT NONFAT
MILD SHARP HOT SWEET SOUR SPICY
SALTED UNSALTED
SWEETENED UNSWEETENED
LIGHT DARK
LIGHT HEAVY
LITE HEAVY
REGULAR DECAF DIET
ON OFF
TAILON TAILOFF
SKINON SKINLESS
BONEIN BONELESS
FRESH FROZEN CANNED DRIED
RAW COOKED SMOKED ROASTED GRILLED FRIED
BREADED UNBREADED
VINYL NITRILE LATEX POLY
FOAM PAPER PLASTIC GLASS METAL WOOD WOODEN CERAMIC ALUMINUM STEEL
BEEF PORK CHICKEN TURKEY LAMB DUCK VEAL HAM SALMON TUNA COD SHRIMP CRAB CATFISH TILAPIA BACON
CANOLA SOYBEAN OLIVE SUNFLOWER PEANUT CORN PALM COCONUT SESAME VEGETABLE
JASMINE BASMATI PARBOILED ARBORIO
ROMAINE ICEBERG SPINACH KALE ARUGULA CABBAGE
CHEDDAR MOZZARELLA PARMESAN PROVOLONE SWISS AMERICAN FETA MONTEREY GOUDA BRIE RICOTTA
APPLE ORANGE LEMON LIME PEACH CHERRY STRAWBERRY RASPBERRY BLUEBERRY BLACKBERRY GRAPE MANGO BANANA PINEAPPLE
VANILLA CHOCOLATE CARAMEL STRAWBERRY LEMON
BASIL OREGANO THYME PARSLEY CUMIN PAPRIKA TURMERIC CINNAMON CAYENNE NUTMEG
CANE BROWN POWDERED GRANULATED
PRIME CHOICE SELECT
PREMIUM STANDARD DELUXE BASIC
TOP BOTTOM
LEFT RIGHT
BOY GIRL
MEN WOMEN
MR MRS MISS
KNIFE FORK SPOON TEASPOON
LID CUP PLATE BOWL TRAY
CAN BOTTLE JUG BAG BOX
"""
EXCLUDING: tuple[frozenset[str], ...] = tuple(frozenset(line.split()) for line in _EXCLUDING.strip().splitlines())

# On one side only, these make it another article.
CHANGING = frozenset(
    "ORGANIC UNSALTED UNSWEETENED DIET DECAF LITE NONFAT LOWFAT LOWSODIUM GLUTENFREE SUGARFREE DAIRYFREE NO NOT WITHOUT VEGAN"
    " IMITATION SUBSTITUTE REFILL DEPOSIT SAMPLE".split()
)

# Words that are themselves, though they look like another one with a slip or without vowels.
OTHER_WORDS = frozenset(
    "ALMOND ARTICHOKE ASPARAGUS BARLEY BASE BEAN BEET BREAD BUN BURGER CAKE CANDY CARROT CASHEW CELERY CEREAL CHIP COCOA COFFEE"
    " COOKIE CROISSANT CURRY DATE DOUGH EGG FISH FRUIT GINGER GLOVE GRAIN HERB HONEY ICE JAM JELLY LEEK LENTIL MEAT MELON MILK"
    " MIX MUFFIN NUT OAT OIL PANCAKE PASTA PASTRY PEA PEAR PECAN PICKLE PIE PIZZA PLUM POPCORN PUDDING RADISH RAISIN RELISH"
    " RICE ROLL RYE SALAD SALSA SALT SCALLOP SEASONING SEED SHALLOT SHERBET SHORTENING SODA SORBET SQUASH STEAK STOCK STRAW TEA"
    " TOAST TOFU TOWEL WAFFLE WALNUT WATER WAX WHEAT YAM YEAST ZEST".split()
)

# Singular, though they end as plurals do. (GLASS and ASPARAGUS end as none does.)
SINGULAR = frozenset("ATLAS CANVAS CHRISTMAS KANSAS MADRAS TEXAS VEGAS".split())

# Their plural looks like that of BERRY.
ENDING_IN_IE = frozenset("BROWNIE CALORIE COOKIE FOODIE HOAGIE HOODIE MOVIE SMARTIE SMOOTHIE VEGGIE WEENIE".split())

# Could be several words (BREAD, BREADED; STEAK, STICK): never taken for one of them without a look.
AMBIGUOUS = frozenset("BRD CHP CRN MRN PLM PRT PST SLD SOL STK STR TBL WHT".split())
