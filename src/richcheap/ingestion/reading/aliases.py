"""The spellings that are understood, and the ones that are known and not supported.

Keys are as `normalise` leaves them; ratings keep their signs and their case.
"""

import polars as pl

BLANKS = (
    "#N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NULL", "NaN", "NaT",
    "None", "none", "Null", "n/a", "n.a.", "N.A.", "nan", "null", "-", "--", ".",
    "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!",
)  # fmt: skip
"""What means that there is no value, besides nothing at all: what pandas.read_csv takes so, dashes and dots, and what a
spreadsheet shows for a formula that failed."""

NOT_AVAILABLE = "NA"
"""Means so, too, but not in a column of issuers or sectors: there it may be a name."""

_BLANK_PREFIX = "#N/A"
"""Bloomberg's blanks say why: ``#N/A N/A``, ``#N/A Invalid Security``."""


def _spelled(meaning: str, words: str) -> dict[str, str]:
    return dict.fromkeys(words.split(), meaning)


DAY_COUNTS = {
    **dict.fromkeys(
        (
            "30360", "30360us", "30360usa", "30360nasd", "30360bondbasis", "bondbasis", "us30360", "thirty360",
            "30360(us)", "30360(nasd)", "30360(bondbasis)", "30360(sia)", "30360sia", "30u360", "30a360", "nasd30360",
        ),
        "30/360",
    ),
    **dict.fromkeys(
        (
            "actacticma", "actactisma", "actact", "actualactual", "actualactualicma", "actualactualisma",
            "actactbond", "icma", "isma", "actact(icma)", "actact(isma)", "actualactual(icma)", "icmaactact",
            "ismaactact", "ismaactualactual", "icmaactualactual", "actualactual(isma)", "actualactual(inperiod)",
            "actualactualinperiod",
        ),
        "ACT/ACT ICMA",
    ),
    **dict.fromkeys(
        (
            "act365f", "act365", "act365fixed", "a365", "a365f",
            "act365(fixed)", "actual365", "actual365f", "actual365fixed",
            "actual365(fixed)",
        ),
        "ACT/365F",
    ),
    **dict.fromkeys(("act360", "actual360", "a360", "moneymarket"), "ACT/360"),
    **dict.fromkeys(
        (
            "30e360", "30360icma", "30360isma", "30360european", "30360eu", "eurobondbasis", "30s360", "30360(isma)",
            "30360(icma)", "30360(european)", "30360(eurobondbasis)", "30360e", "isma30360", "icma30360", "euro30360",
        ),
        "30E/360",
    ),
    **dict.fromkeys(
        ("actactisda", "actact(isda)", "actualactualisda", "actualactual(isda)", "act365isda", "actact365"),
        "ACT/ACT ISDA",
    ),
    **dict.fromkeys(("bus252", "business252", "bd252", "du252", "bu252"), "BUS/252"),
    **dict.fromkeys(
        ("act365canadian", "act365(canadian)", "act365(canadianbond)", "act365canadianbond", "act365canada", "act365ca",
         "actual365canadian", "actual365(canadian)", "actual365(canadianbond)", "actactcanadian"),
        "ACT/365 Canadian",
    ),
}  # fmt: skip

UNSUPPORTED_DAY_COUNTS = (
    "30e360isda", "30e360(isda)", "30e+360", "30360german", "30360(german)", "german30360",
    "actactafb", "actact(afb)", "act365l", "act36525", "act364", "act366",
    "nl365", "30365",
)  # fmt: skip

FREQUENCIES = {
    **dict.fromkeys(("0", "none", "zero", "zerocoupon", "atmaturity"), 0),
    **dict.fromkeys(("1", "annual", "annually", "yearly", "a", "1y", "12m", "1x"), 1),
    **dict.fromkeys(("2", "semiannual", "semiannually", "halfyearly", "semi", "twiceayear", "s", "sa", "6m", "2x"), 2),
    **dict.fromkeys(("4", "quarterly", "quarter", "q", "3m", "4x"), 4),
    **dict.fromkeys(("12", "monthly", "month", "m", "1m"), 12),
}

BOND_TYPES = {
    **_spelled(
        "treasury",
        "treasury government govt gov sovereign note notes bond bonds treasurynote treasurynotes treasurybond "
        "treasurybonds tnote tbond usnote usbond gilt gilts conventional conventionalgilt conventionalgilts "
        "governmentbond governmentbonds govtbond marketbasednote marketbasedbond",
    ),
    **_spelled("corporate", "corporate corporates corp corporatebond investmentgrade ig"),
    **_spelled("agency", "agency agencies agencybond agencydebenture agcy ssa"),
    **_spelled("supranational", "supranational supranationals supra multilateral"),
    **_spelled("foreign_sovereign", "foreignsovereign foreigngovernment externalsovereign hardcurrencysovereign"),
    **_spelled("municipal", "municipal municipals muni munis municipalbond"),
    **_spelled("high_yield", "highyield hy junk"),
    **_spelled("fixed_rate", "fixedrate fixed fixedcoupon bullet straight"),
    **_spelled(
        "zero_coupon",
        "zerocoupon zero zc bill bills tbill tbills treasurybill treasurybills strip strips discount discountbond "
        "zerocouponbond marketbasedbill",
    ),
    **_spelled("floating_rate", "floatingrate floating floater frn frns variablerate marketbasedfrn"),
}

UNSUPPORTED_BOND_TYPES = {
    **_spelled(
        "inflation-linked",
        "inflationlinked inflation inflationindexed linker linkers tips tip tipsnote tipsbond tipnote tipbond "
        "indexlinked indexlinkedgilt indexlinkedgilts reallinked marketbasedtips",
    ),
    **dict.fromkeys(("stepup", "stepdown", "step", "stepcoupon", "multistep"), "step coupon"),
    **dict.fromkeys(("fixedtofloat", "fixtofloat", "floattofixed", "mixed", "hybrid"), "fixed-to-floating"),
    **dict.fromkeys(("perpetual", "perp", "consol", "undated"), "perpetual"),
    **dict.fromkeys(("amortizing", "amortising", "sinkable", "sinking", "sinkingfund"), "amortising"),
    **dict.fromkeys(("mbs", "abs", "cmo", "cmbs", "rmbs", "clo", "cdo", "passthrough"), "securitised"),
    **dict.fromkeys(("pik", "paymentinkind", "toggle"), "payment in kind"),
    **_spelled("variable coupon", "variablecoupon"),
    **dict.fromkeys(("structured", "structurednote", "creditlinked", "equitylinked"), "structured"),
}

UNSUPPORTED = "unsupported:"
"""Prefix of what a word stands for that is known and not supported."""
_UNSUPPORTED = {word: UNSUPPORTED + kind for word, kind in UNSUPPORTED_BOND_TYPES.items()}

COUPON_TYPES = {
    **{word: kind for word, kind in BOND_TYPES.items() if kind in ("fixed_rate", "zero_coupon", "floating_rate")},
    **_spelled("fixed_rate", "f fix fest fija fijo fisso fixe plain plainvanilla conventional standard fixedinterest"),
    **_spelled("zero_coupon", "z none nocoupon"),
    **_spelled("floating_rate", "float variablerate"),
    **_UNSUPPORTED,
    **_spelled(UNSUPPORTED + "step coupon", "stepcpn stepupcoupon stepdowncoupon steppedcoupon stepped"),
    **_spelled(UNSUPPORTED + "fixed-to-floating", "fixedtofloating fixtofloating fixedthenfloating"),
    **_spelled(UNSUPPORTED + "variable coupon", "v variable"),
    **_spelled(UNSUPPORTED + "inflation-linked", "indexed linked cpilinked realreturn"),
    **_spelled(UNSUPPORTED + "payment in kind", "paymentinkind"),
}
"""How a bond's coupons are set: one of three types of bond, or why it is not supported."""

CALLABLE, CONVERTIBLE = "callable", "convertible"
MATURITY_TYPES = {
    **_spelled("bullet", "bullet atmaturity maturity normal straight putable puttable put extendible none"),
    **_spelled(CALLABLE, "callable call callput makewhole makewholecall callablemakewhole convcall"),
    **_spelled(CONVERTIBLE, "convertible conv"),
    **{word: kind for word, kind in _UNSUPPORTED.items() if kind.endswith((":perpetual", ":amortising"))},
    **_spelled(UNSUPPORTED + "perpetual", "perpcall perpetualcall perpcallable"),
    **_spelled(
        UNSUPPORTED + "amortising",
        "callsink sinkcall sinkext sinkput amortised amortized annuity callamort instalments",
    ),
}
"""How a bond is paid back, or why it is not supported."""

SIDES = {
    **dict.fromkeys(("buy", "b", "bought", "p", "purchase"), "buy"),
    **dict.fromkeys(("sell", "s", "sold", "sale"), "sell"),
    **dict.fromkeys(("interdealer", "d", "dealer", "id"), "interdealer"),
}

PRICE_KINDS = {
    **dict.fromkeys(("trade", "traded", "last", "print"), "trade"),
    **dict.fromkeys(("quote", "quoted", "bid", "ask", "mid"), "quote"),
    **dict.fromkeys(("reference", "evaluated", "evaluation", "settlement", "fixing", "close"), "reference"),
}

STATUSES = {
    **_spelled("trade", "t trade traded new normal active final original"),
    **_spelled("cancel", "x c n cancel cancelled canceled cancellation void voided bust busted"),
    **_spelled("reversal", "y reversal reverse reversed"),
    **_spelled("correction", "r w correction corrected correct amend amended amendment replace replaced replacement"),
    **_spelled("buyer_report", "buyerreport"),
}
"""What became of a trade's report: TRACE's codes (T, X, C, R, W, Y; Dick-Nielsen 2009 and 2014) and words for them."""

CONDITIONS = {
    **_spelled("regular", "@ r regular n no none standard"),
    **_spelled("when_issued", "wi whenissued whenasandifissued"),
    **_spelled("special_price", "special specialprice s weighted weightedprice averageprice w"),
    **_spelled("primary_market", "primary primarymarket newissue offering takedown"),
    **_spelled("agency_duplicate", "agency agencyduplicate"),
}
"""Under which condition a trade was made, where that is why its price is not the market's."""

PERPETUAL = (
    "perpetual",
    "perp",
    "perpetuity",
    "undated",
    "openend",
    "openended",
    "consol",
    "nomaturity",
    "irredeemable",
)
"""What stands for the maturity of a bond that has none."""

FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0"), False),
}

_NOTCHES = (
    "AAA", "AA+", "AA", "AA-", "A+", "A", "A-", "BBB+", "BBB", "BBB-", "BB+", "BB", "BB-", "B+", "B", "B-",
    "CCC+", "CCC", "CCC-", "CC", "C",
)  # fmt: skip
_MOODYS = (
    "Aaa", "Aa1", "Aa2", "Aa3", "A1", "A2", "A3", "Baa1", "Baa2", "Baa3", "Ba1", "Ba2", "Ba3", "B1", "B2",
    "B3", "Caa1", "Caa2", "Caa3", "Ca", "C",
)  # fmt: skip

RATINGS = {
    **{notch: notch for notch in _NOTCHES},
    **dict(zip((name.upper() for name in _MOODYS), _NOTCHES, strict=True)),
    **dict(zip(_MOODYS, _NOTCHES, strict=True)),
    "Aa": "AA",
    "Baa": "BBB",
    "Ba": "BB",
    "Caa": "CCC",
    **dict.fromkeys(("D", "SD", "RD", "DD", "DDD", "LD"), "D"),
    **dict.fromkeys(("NR", "N.R.", "NA", "N/A", "WR", "WD", "NONE", "UNRATED", "NOT RATED", "-"), "NR"),
}
"""S&P, Fitch and Moody's long-term scales onto S&P's, by the agencies' common correspondence of notches."""

EURO_LEGACY = (
    "ATS", "BEF", "BGN", "CYP", "DEM", "EEK", "ESP", "FIM", "FRF", "GRD", "HRK", "IEP", "ITL", "LTL", "LUF",
    "LVL", "MTL", "NLG", "PTE", "SIT", "SKK", "XEU",
)  # fmt: skip
"""Currencies replaced by the euro: their bonds pay euros at a fixed rate, so a price per 100 is unchanged."""


def is_blank(text: pl.Expr, free: bool = False) -> pl.Expr:
    """Say whether stripped text means that there is no value.

    Parameters
    ----------
    text : Expr
        Of a column of numbers, dates or known words: there, ``NA`` and any case of the others are blank, too.
    free : bool
        Whether it is a column of names, which may hold any text.
    """
    if free:
        return text.is_in(BLANKS) | text.str.starts_with(_BLANK_PREFIX)
    lower = text.str.to_lowercase()
    return lower.is_in(sorted({NOT_AVAILABLE.lower(), *map(str.lower, BLANKS)})) | lower.str.starts_with(
        _BLANK_PREFIX.lower()
    )


def normalise(text: pl.Expr) -> pl.Expr:
    """Lower the case and drop blanks, dots, slashes, underscores and inner dashes."""
    bare = text.str.strip_chars().str.to_lowercase().str.replace_all(r"[\s./_]", "")
    return bare.str.replace_all(r"(\w)-", "$1")


def rating(text: pl.Expr) -> pl.Expr:
    """Strip what surrounds a rating: a provisional ``(P)``, an unsolicited ``u``, outlook and watch marks."""
    stripped = (
        text.str.strip_chars()
        .str.replace(r"^\(P\)\s*", "")
        .str.replace(r"\s*\(.*\)$", "")
        .str.replace(r"\s+(?i:stable|positive|negative|developing|watch)$", "")
        .str.replace(r"\s*\*[+-]?$", "")
        .str.replace(r"([A-D+0-9-])u$", "$1")
    )
    # A spelling that is on no scale as it stands is tried in upper case.
    return pl.when(stripped.is_in(list(RATINGS))).then(stripped).otherwise(stripped.str.to_uppercase())
