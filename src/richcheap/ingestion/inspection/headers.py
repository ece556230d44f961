"""Which column is what, told from its name: spellings of exchanges, vendors and desks, in several languages."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

_SPELLINGS: dict[str, str] = {
    "bond_id": "bondid isin idisin idcusip isincode isinnumber cusip cusipid cusip9 completecusip tcusip "
    "cusipnumber securityid secid instrumentid identifier kytreasno wkn sedol figi valor valoren id bondcode "
    "securitycode instrumentcode symbol ticker bondticker code codigo titulo security instrument bond wertpapier "
    "kennnummer kytreasnum",
    "date": "date tradedate quotedate pricedate pricingdate pricingdt asofdate asof closeofbusinessdate cobdate cob "
    "businessdate trdexctndt executiondate transactiondate tradingdate tradingday sessiondate reportdate "
    "reportingdate observationdate caldt mcaldt qdate datum handelstag handelsdatum data datareferencia datapregao "
    "fecha giorno jour datedecours dt day pricesasof valuationdate timestamp ts datetime tradedatetime quotetime "
    "pricetime eventtime",
    "time": "time tradetime executiontime trdexctntm transactiontime hora uhrzeit heure orario",
    "settlement_date": "settlementdate settledate settlement settle settlementdt settledt stlmntdt valuedate valuta "
    "valutadatum dataliquidacao liquidacion",
    "clean_price": "cleanprice clean priceclean pxclean pxlast lastprice lasttradeprice closeprice closingprice "
    "close last price pricecleanmid tradeprice rptdpr tdnomprc endofday evaluatedprice dollarprice midprice mid "
    "pxmid px prc kurs schlusskurs preco preciolimpio precio prix prezzo prezzoclean cours quote pricepercent "
    "marketprice",
    "dirty_price": "dirtyprice dirty pricedirty pxdirty grossprice fullprice invoiceprice allinprice pu pubase "
    "precosujo preciosucio pxdirtymid pricegross",
    "bid_price": "bidprice bid pxbid tdbid bidclean geld geldkurs denaro",
    "ask_price": "askprice ask pxask tdask offer offerprice brief briefkurs askclean lettera",
    "yield": "yield ytm yieldtomaturity yld yldpt yldytmmid yldytm closeyield closingyield midyield midytm ytmmid "
    "rendite tir rendimento rendement rendimiento askyield yieldclose",
    "maturity_date": "maturitydate maturity mtrtydt matdate maturitydt mat tmatdt redemptiondate redemption duedate "
    "expirydate vencimento datavencimento vencimiento scadenza echeance faelligkeit fallig falligkeit "
    "faelligkeitsdatum endfaellig laufzeitende finalmaturity matdt",
    "coupon_rate": "couponrate coupon cpn cpnrate couponpct couponpercent interestrate tcouprt nominalinterestrate "
    "kupon zinssatz nominalzins cupom taxacupom cupon cedola tauxnominal couponnominal rate",
    "quoted_margin": "quotedmargin margin spreadoverindex fltspread",
    "frequency": "frequency couponfrequency interestfrequency cpnfreq freq couponfreq paymentfrequency "
    "couponsperyear paymentsperyear tnippy interestpaymentfrequency periodicity periodicidade",
    "day_count": "daycount daycntdes daycountbasis daycountconvention basis accrualbasis daycountfraction dcc "
    "daycounttype",
    "issue_date": "issuedate dateddate issuedt tdatdt dateoffirstissue firstissuedate datedissued dataemissao "
    "emissiondate emissionsdatum issue dated",
    "first_coupon_date": "firstcoupondate firstcoupon firstinterestdate firstcpndt tfcpdt firstinterestpaymentdate",
    "coupon_type": "coupontype couponkind couponclass ratetype interesttype interestratetype couponstructure "
    "cputype kuponart verzinsungsart tipocupon tipocedola typecoupon",
    "maturity_type": "maturitytype redemptiontype repaymenttype principaltype maturitystructure mtytype",
    "bond_type": "bondtype securitytype instrumenttype type itype bondkind securityclass assettype bondclass category",
    "credit_rating": "creditrating rating ratingsp sprating compositerating ratingmoodys moodysrating fitchrating "
    "bbgcomposite",
    "issuer": "issuer issuername company companyname emittent emissor emittente borrower",
    "issuer_country": "issuercountry countryofissuer countryofrisk country land pays paese pais",
    "sector": "sector industry industrysector branche",
    "currency": "currency ccy crncy curr waehrung wahrung moeda divisa devise valuta3",
    "callable": "callable iscallable callableflag",
    "convertible": "convertible isconvertible convertibleflag",
    "call_date": "calldate nextcalldate nextcall nxtcalldt",
    "call_price": "callprice nextcallprice",
    "call_schedule": "callschedule",
    "face_value": "facevalue parvalue denomination nominalvalue mindenomination facenominal stuckelung par",
    "volume": "volume quantity qty tradesize tradedvolume entrdvolqt parvolume volumen menge quantidade turnover "
    "size tradeamount tradevolume volumetraded nominaltraded quantitytraded",
    "side": "side buysell buysellindicator rptsidecd rptside bs tradeside",
    "price_kind": "pricekind pricetype quotetype",
    "status": "status tradestatus trcst trdstatus transactionstatus reportstatus msgstatus",
    "trade_id": "tradeid msgseqnb messagesequencenumber controlnumber rtrscontrolnumber transactionid reportid",
    "original_trade_id": "originaltradeid origmsgseqnb originalmessagesequencenumber originaltransactionid",
    "condition": "condition tradecondition salecondition",
    "accrued_interest": "accruedinterest accrued accint accruedint tdaccint stueckzinsen stuckzinsen ai intacc rateo",
    "spread": "spread spreadbp zspread gspread ispread oas assetswapspread asw spreadtobenchmark yieldspread tspread",
    "modified_duration": "modifiedduration modduration moddur modifieddur durationmodified modd",
}
"""By role, normalised names; of several columns of a role the one whose name comes first is taken."""

_SHORT = {
    "px": "price", "prc": "price", "pr": "price", "cpn": "coupon", "coup": "coupon", "dt": "date", "dte": "date",
    "tm": "time", "yld": "yield", "mty": "maturity", "mat": "maturity", "matur": "maturity", "curncy": "currency",
    "crncy": "currency", "ccy": "currency", "curr": "currency", "freq": "frequency", "iss": "issue",
    "issr": "issuer", "typ": "type", "qty": "quantity", "vol": "volume", "amt": "amount", "rtg": "rating",
    "sec": "security", "ctry": "country", "cntry": "country", "acc": "accrued", "accr": "accrued", "int": "interest",
    "dur": "duration", "mod": "modified", "nr": "number", "num": "number", "no": "number", "rt": "rate",
    "stl": "settlement", "settl": "settlement", "sttl": "settlement", "trd": "trade", "txn": "transaction",
    "frst": "first", "1st": "first", "dcc": "day count", "ind": "indicator", "cls": "close", "desc": "description",
}  # fmt: skip
"""Words as files shorten them."""
_IDLE = frozenset(
    {
        "instrument", "security", "bond", "quote", "quoted", "market", "official", "indicative", "eod", "daily", "the",
        "of", "in", "at", "value", "latest", "current", "field", "local", "usd", "eur", "gbp", "per", "pct", "percent",
        "percentage",
    }
)  # fmt: skip
"""Words that name nothing by themselves: what is left without them is taken, and is not sure."""
_OTHERS = frozenset({"benchmark", "issuer", "index", "underlying", "reference"})
"""Of what something else is, in nested records: an issuer's country is no bond's."""
_LONGEST = 3
"""Words of a name whose order may be another."""
_DECORATION = re.compile(r"\([^)]*\)|\[[^\]]*\]|%|\b(?:usd|eur|gbp)\b")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+[a-z]*")

_ROLE_OF = {name: (role, rank) for role, names in _SPELLINGS.items() for rank, name in enumerate(names.split())}
_UNSURE = {
    "date": {"data", "day", "dt"},
    "coupon_rate": {"rate"},
    "bond_id": {"id", "code", "bond", "security", "symbol"},
}
"""Names that may mean something else."""


class Named(NamedTuple):
    """What the name of a column says that it is.

    Attributes
    ----------
    column : str
    role : str
        Canonical name.
    sure : bool
        Whether the name has no other meaning.
    """

    column: str
    role: str
    sure: bool


def named_columns(columns: Sequence[str]) -> tuple[list[Named], list[Named]]:
    """Return what columns are by their names, one for each role, and those that came second.

    Examples
    --------
    >>> [one.role for one in named_columns(["ISIN", "Close of Business Date", "Coupon (%)"])[0]]
    ['bond_id', 'date', 'coupon_rate']
    """
    found: dict[str, list[tuple[int, Named]]] = {}
    for column in columns:
        spelled, sure = _spelling(column)
        if spelled is not None:
            role, rank = _ROLE_OF[spelled]
            named = Named(column, role, sure and spelled not in _UNSURE.get(role, ()))
            found.setdefault(role, []).append((rank if sure else rank + len(_ROLE_OF), named))
    ranked = {role: [named for _, named in sorted(ones, key=lambda one: one[0])] for role, ones in found.items()}
    first = [ones[0] for ones in ranked.values()]
    return sorted(first, key=lambda one: columns.index(one.column)), [
        one for ones in ranked.values() for one in ones[1:]
    ]


def _spelling(column: str) -> tuple[str | None, bool]:
    """Return the spelling that a column's name is, and whether that is sure.

    A name that is not listed is tried with its shortened words written out, in another order, and without `_IDLE`
    words; of one such as ``instrument.maturityDate`` the last part counts where the whole does not.
    """
    if (bare := normalised(column)) in _ROLE_OF:
        return bare, True
    words = _words(column)
    whole = [one for one in words if one not in _IDLE]
    tries = [(words, True), (whole, False)]
    owner, dot, last = column.rpartition(".")
    if dot and not _OTHERS.intersection(_words(owner)):
        tries[1:1] = [(_words(last), True)]
    for tried, sure in tries:
        orders = permutations(tried) if 1 < len(tried) <= _LONGEST else [tried]
        for order in orders:
            if (joined := "".join(order)) in _ROLE_OF:
                return joined, sure
    return None, False


def _words(name: str) -> list[str]:
    """Return the words of a name, written out."""
    plain = _without_accents(_DECORATION.sub(" ", name))
    return [part for word in _WORD.findall(plain) for part in _SHORT.get(word.lower(), word.lower()).split()]


def normalised(name: str) -> str:
    """Return a name of a column in small letters and digits alone, without units and accents."""
    plain = _without_accents(name.lower())
    bare = re.sub(r"[^a-z0-9]", "", _DECORATION.sub(" ", plain))
    return bare or re.sub(r"[^a-z0-9]", "", plain)


def _without_accents(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
