"""The words of quantities as vendors write them, and the codes of e-invoices: data alone, upper case, without accents.

A spelling is in here because it has one meaning wherever goods are packed. Left out on purpose: T, C and M (ton or
tablespoon, cup or hundred, thousand or metre) and HL (hectolitre, but also part of names).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _by_spelling(spellings: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({word: unit for unit, words in spellings.items() for word in words.split()})


MEASURES: Mapping[str, str] = _by_spelling(
    {
        "mg": "MG MGS MGM MILLIGRAM MILLIGRAMS",
        "g": "G GR GRS GM GMS GRM GRAM GRAMS GRAMME GRAMMES GRAMO GRAMOS GRAMM",
        "kg": "KG KGS KGM KILO KILOS KILOGRAM KILOGRAMS KILOGRAMO KILOGRAMOS",
        # LBA: pounds on average, the catch weight of a distributor's price list.
        "lb": "LB LBS LBR LBA # POUND POUNDS LIBRA LIBRAS",
        "oz": "OZ OZS Z ONZ OUNCE OUNCES ONZA ONZAS OZWT",
        "ml": "ML MLS MLT CC MILLILITER MILLILITERS MILLILITRE MILLILITRES MILILITRO MILILITROS",
        "cl": "CL CLS CENTILITER CENTILITERS CENTILITRE CENTILITRES",
        "dl": "DL DECILITER DECILITERS DECILITRE DECILITRES",
        "l": "L LT LTS LTR LTRS LIT LITER LITERS LITRE LITRES LITRO LITROS",
        "fl oz": "FLOZ FZ FLZ",
        "pt": "PT PTS PINT PINTS",
        "qt": "QT QTS QUART QUARTS",
        "gal": "GAL GALS GL GLL GA GALLON GALLONS",
    }
)
"""Spelling -> unit of weight or volume."""

BARE_OUNCES = _words("OZ OZS Z OUNCE OUNCES ONZA ONZAS")
"""Ounces that may be of weight or of volume. Not ONZ, which is the code of the ounce of weight, nor OZWT."""

FLUID = _words("FL FLUID FLUIDAS LIQUIDAS")
"""Words that make an ounce beside them one of volume: FL OZ, FLUID OUNCES, ONZAS LIQUIDAS."""

WEIGHT = _words("WT WGT WEIGHT NETWT NTWT PESO POIDS GEWICHT AVDP AVOIRDUPOIS")
"""Words that make an ounce beside them one of weight: OZ WT, NET WT 16 OZ."""

PIECES: Mapping[str, str] = _by_spelling(
    {
        "each": (
            "EA EACH EACHES CT CTS CNT COUNT PC PCS PCE PIECE PIECES PZA PZAS PZ PIEZA PIEZAS UN UNIT UNITS STUCK "
            "SL SLICE SLICES TAB TABS TABLET TABLETS CAP CAPS CAPSULE CAPSULES POD PODS RL RLS ROLL ROLLS "
            "STICK STICKS CUBE CUBES SHEET SHEETS EGG EGGS CAKE CAKES LOAF LOAVES HEAD HEADS BUNCH BUNCHES"
        ),
        "pair": "PR PAIR PAIRS",
        "dozen": "DZ DOZ DZN DOZEN DOZENS DOCENA DOCENAS",
    }
)
"""Word for single things -> unit of count. A weight beside them may be that of one or of all."""

CONTAINERS = _words(
    "BAG BAGS BARREL BARRELS BBL BBLS BG BGS BL BOT BOTS BOTTLE BOTTLES BOX BOXES BTL BTLS BUCKET BUCKETS BUNDLE BUNDLES BX "
    "CAN CANS CARTON CARTONS CASE CASES CN CS CSE CTN CTNS CUP CUPS DRUM DRUMS JAR JARS JUG JUGS KEG KEGS OUTER OUTERS PACK "
    "PACKAGE PACKAGES PACKET PACKETS PACKS PAIL PAILS PK PKG PKGS PKS PKT PKTS POUCH POUCHES SACHET SACHETS SACK SACKS SET "
    "SETS SLEEVE SLEEVES SLV TIN TINS TRAY TRAYS TUB TUBE TUBES TUBS"
)
"""Words for what holds something. A weight or volume beside them is that of one."""

PACKINGS = CONTAINERS - {"CUP", "CUPS"}
"""Containers that may stand before their content: BAG 50 LB, CTN 12 946ML. A cup before its size is an article."""

LENGTHS = _words("FT FOOT FEET IN INCH INCHES M MTR METER METERS METRE METRES CM MM YD YDS YARD YARDS")
"""Lengths: they have no base unit here."""

PER = frozenset({"PER"})
EACH = frozenset({"EACH", "EA"})
JOINERS = frozenset({"OF", "AT"})
"""What stands between a number of containers and what is in one."""

NUMBER_WORDS: Mapping[str, int] = MappingProxyType(
    {
        word: number
        for number, word in enumerate("ONE TWO THREE FOUR FIVE SIX SEVEN EIGHT NINE TEN ELEVEN TWELVE".split(), start=1)
    }
)

QUALIFIERS: Mapping[str, str] = _by_spelling(
    {
        "net": "NET NETT NETTO NETO PN NW",
        "drained": "DRAINED EGOUTTE EGOUTTEE EGOUTTES ESCURRIDO SGOCCIOLATO ABTROPFGEWICHT PNE",
        "gross": "GROSS BRUT BRUTO BRUTTO GW GRWT",
    }
)
"""Words that say which weight is meant. Stock is kept by net weight."""

CAN_SIZES = _words("1 2 2.5 3 5 10 12 300 303")
"""US can sizes, written #10: what follows the sign is a number of a table, no weight."""

FRACTION_DENOMINATORS = frozenset({2, 3, 4, 8})
"""Parts that goods are sold in: 1/2 lb may be half a pound; a sixth of an ounce is no commercial size."""

ARTICLES = _words(
    "LID LIDS LINER LINERS LNR FOIL GLOVE GLOVES NAPKIN NAPKINS TOWEL TOWELS SCRUBBER SPONGE PLATE PLATES BOWL BOWLS "
    "COVER CVR STRAW STRAWS SAUCEPAN SAUCEPANS FRYPAN FRYPANS SHEETPAN SHEETPANS STOCKPOT STOCKPOTS SKILLET SKILLETS"
)
"""Articles sold by the piece: a weight or volume in their name is what they hold or weigh, no content. SAUCE PAN is one too."""

ARTICLES_IF_FIRST = _words(
    "BAG BAGS BASKET BOX BOXES BUCKET CAN CARTON CONT CONTAINER CONTAINERS CUP CUPS DISH JAR JARS LADLE PAIL PAN PANS "
    "PITCHER POT POTS SACK TRAY TRAYS TUB TUBS TUMBLER TUMBLERS"
)
"""Containers as goods: first in a name they are the article itself (BAG ZIP 2GAL), later they say how something is packed."""

SINGLE_THINGS = _words("EA EACH PC PCE PIECE UN UNIT PR PAIR DZ DOZ DZN DOZEN")
"""What a pack size may say alone: a pack is one of it."""

CUSTOMARY_COUNTS = frozenset({500, 250, 125})
"""Halves of the thousand: what cups, lids and bags are packed by."""

SIZES_OF_BOTTLES = frozenset({500, 250})
"""Customary counts that are customary millilitres as well; bottles come by the half dozen."""

GRAINS = frozenset({"VINEGAR"})
"""Goods of which GR is the strength (50 grain vinegar), not grams."""

CASES = _words("CASE CS CSE CTN CARTON")
"""Containers of containers: one bottle's size beside them says nothing of how many are inside."""

HOLDERS_OF_PIECES = CASES | _words("BX BOX PK PACK PKG SLV SLEEVE")
"""What a number after a slash may count without a word for it: CS/24, 10 BX/100. Bags are filled by weight, cans by ounces."""

BARRELS = _words("BARREL BARRELS BBL BBLS")
KEGS = _words("KEG KEGS")

KEG_SIZES: Mapping[Decimal, str] = MappingProxyType(
    {Decimal(2): "half barrel", Decimal(4): "quarter barrel", Decimal(6): "sixth barrel", Decimal(8): "eighth barrel"}
)
"""Into how many of itself a barrel of beer is parted -> the keg that holds one part."""

GRAMS_OR_GALLONS = "G"
GALLON_SIZES = frozenset(map(Decimal, ("0.5", "1", "1.5", "2", "2.5", "3", "3.5", "4", "5", "6")))
"""What jugs, pails and boxes of liquids hold: of these amounts G may be gallons."""

HOLDERS_OF_GALLONS = _words("JUG JUGS PAIL PAILS BUCKET BUCKETS DRUM DRUMS KEG KEGS CARBOY")
"""What nobody fills with so many grams: 5G PAIL, 55G DRUM."""

GALLONS_OR_GAUGE = "GA"
BAG_IN_BOX = "BIB"

GRAMS_OR_GROSS = _words("GR GRS")

MATERIALS = _words("FOAM PAPER PLASTIC PLAS PLST PLA PET POLY HOT COLD CLEAR CLR SOUFFLE PORTION PORT DELI SQUAT TALL")
"""What is said of a cup as an article, and not of what is in it."""

UNIT_SPELLINGS: Mapping[str, str] = MappingProxyType(
    dict(MEASURES)
    | dict(PIECES)
    | {f"{fluid} {ounce}": "fl oz" for fluid in FLUID for ounce in BARE_OUNCES}
    | {f"{ounce} {fluid}": "fl oz" for fluid in FLUID for ounce in BARE_OUNCES}
    | {f"{weight} {ounce}": "oz" for weight in WEIGHT for ounce in BARE_OUNCES}
    | {f"{ounce} {weight}": "oz" for weight in WEIGHT for ounce in BARE_OUNCES}
    | dict.fromkeys(("PK", "PACK", "BX", "BOX", "CS", "CASE", "BAG", "BTL", "CTN", "CAN"), "each")
)
"""Everything that a unit column may say -> canonical unit. A bare container counts as one each."""

REC20_UNITS: Mapping[str, str] = _by_spelling(
    {
        "microgram": "MC",
        "mg": "MGM",
        "cg": "CGM",
        "dg": "DG",
        "g": "GRM",
        "dag": "DJ",
        "hg": "HGM",
        "kg": "KGM 58",
        "100 kg": "DTN HKM",
        "tonne": "TNE 2U",
        "kilotonne": "KTN",
        "grain": "GRN",
        "dram": "DRI",
        "oz": "ONZ",
        "troy oz": "APZ",
        "troy lb": "LBT",
        "lb": "LBR",
        "stone": "STI",
        "quarter": "QTR",
        "cwt": "CWA",
        "long cwt": "CWI",
        "short ton": "STN",
        "long ton": "LTN",
        "microlitre": "4G",
        "ml": "MLT CMQ",
        "cl": "CLT",
        "dl": "DLT",
        "l": "LTR DMQ",
        "dal": "A44",
        "hl": "HLT",
        "m3": "MTQ K6",
        "cubic inch": "INQ",
        "cubic foot": "FTQ",
        "cubic yard": "YDQ",
        "tsp": "G25",
        "tbsp": "G24",
        "fl oz": "OZA",
        "gill": "GIA",
        "cup": "G21",
        "pt": "PTL",
        "qt": "QTL QT",
        "gal": "GLL WG",
        "barrel": "BLL",
        "dry pt": "PTD",
        "dry qt": "QTD",
        "dry gal": "GLD",
        "peck": "G23",
        "bushel": "BUA",
        "imperial fl oz": "OZI",
        "imperial gill": "GII",
        "imperial pt": "PTI",
        "imperial qt": "QTI",
        "imperial gal": "GLI",
        "imperial peck": "L43",
        "imperial bushel": "BUI",
        "each": "C62 EA H87 NAR HEA NMP U2",
        "pair": "PR NPR",
        "ten": "TP",
        "dozen": "DZN DPC DRL",
        "score": "SCO",
        "ten pairs": "TPR",
        "dozen pairs": "DPR",
        "hundred": "CEN HC",
        "gross": "GRO",
        "thousand": "MIL T3",
        "great gross": "GGR",
        "million": "MIO",
    }
)
"""UN/ECE Recommendation 20 code -> canonical unit, for goods."""
