"""Names under which governments issue bonds, and what their bonds are called."""

import re

from richcheap.ingestion.inspection.headers import normalised

_NAMES = {
    "agencefrancetresor", "australia", "austria", "belgium", "brasil", "brazil", "btp", "btps", "bund",
    "bundesobligation", "bundesrepublikdeutschland", "bundesrepublikdeutschlandbundesanleihe",
    "bundesschatzanweisungen", "canada", "canadian", "china", "commonwealthofaustralia", "czechia", "czechrepublic",
    "denmark", "departmentofthetreasury", "deutschland", "espana", "estadosunidosmexicanos",
    "federalrepublicofgermany", "federativerepublicofbrazil", "finland", "france", "frenchrepublic",
    "frenchrepublicgovernmentbondoat", "germany", "gilt", "gilts", "governmentofcanada", "governmentofindia",
    "governmentofjapan", "greatbritain", "greece", "hellenicrepublic", "hmtreasury", "hungary", "india", "ireland",
    "italia", "italy", "italybuonipoliennalideltesoro", "japan", "jgb", "kingdomofbelgium", "kingdomofdenmark",
    "kingdomofnetherlands", "kingdomofnorway", "kingdomofspain", "kingdomofsweden", "kingdomofthenetherlands", "korea",
    "koreatreasurybond", "mexicanbonos", "mexico", "ministryoffinance", "netherlands", "newzealand", "norway",
    "peoplesrepublicofchina", "poland", "polska", "portugal", "portugueserepublic", "reinodeespana",
    "repubblicaitaliana", "republicofaustria", "republicoffinland", "republicofireland", "republicofitaly",
    "republicofkorea", "republicofpoland", "republicofportugal", "republicofsouthafrica", "republiquefrancaise",
    "romania", "schweiz", "southafrica", "southkorea", "spain", "sweden", "swissconfederation", "switzerland",
    "tesouronacional", "treasury", "uk", "ukdmo", "ukgilt", "unitedkingdom", "unitedkingdomgilt",
    "unitedkingdomgreatbritain", "unitedmexicanstates", "unitedstates", "unitedstatesofamerica",
    "unitedstatestreasury", "usgovernment", "ustreasury", "ustreasurybond", "ustreasurynb", "ustreasurynote",
    "ustreasurynotebond",
}  # fmt: skip
_TICKERS = (
    "T", "B", "WIT", "UKT", "UKTB", "DBR", "OBL", "BKO", "BUBILL", "FRTR", "BTNS", "BTPS", "BOTS", "CCTS", "SPGB",
    "NETHER", "DSL", "BGB", "RAGB", "RFGB", "IRISH", "PGB", "GGB", "JGB", "CAN", "ACGB", "NZGB", "SGB", "SWISS",
    "POLGB", "MBONO", "SAGB", "KTB", "IGB", "CGB",
)  # fmt: skip
"""By which terminals call governments."""
_BOND = re.compile(
    rf"(?:{'|'.join(_TICKERS)})\s+\d.*"
    r"|.*\b(?i:treasury (?:gilt|stock|note|bond|bill)|gilt|treasury \d\S*%?|exchequer|bundesanleihe|bundesobligation|"
    r"bundesschatzanweisung|obligations? assimilables? du tr[eé]sor|oat|btp|bonos? del estado|obligaci(?:ó|o)n(?:es)? "
    r"del estado|u\.?s\.? treasury)\b.*"
)


def is_government(name: str) -> bool:
    """Tell whether an issuer's name is a government's.

    Examples
    --------
    >>> is_government("United Kingdom Gilt"), is_government("Spain Government Bond"), is_government("Bank of Ireland")
    (True, True, False)
    """
    bare = normalised(name)
    return bare in _NAMES or re.sub(r"(?:govt?|government)(?:bonds?)?$", "", bare) in _NAMES


def is_government_bond(description: str) -> bool:
    """Tell whether a bond's description is of a government's.

    Examples
    --------
    >>> [is_government_bond(one) for one in ("UKT 4 1/4 06/07/32", "4¼% Treasury Gilt 2036", "Gilead 2.8 2050")]
    [True, True, False]
    """
    return _BOND.fullmatch(description.strip()) is not None
