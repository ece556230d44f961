"""Which column is what, told from its name: spellings of exchanges, vendors and desks, in several languages."""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

_SPELLINGS: dict[str, str] = {
    "bond_id": "bondid isin isincode isinnumber cusip cusipid cusip9 completecusip tcusip cusipnumber securityid secid "
    "instrumentid identifier kytreasno wkn sedol figi valor valoren id bondcode securitycode instrumentcode symbol "
    "ticker bondticker code codigo titulo security instrument bond wertpapier kennnummer kytreasnum",
    "date": "date tradedate quotedate pricedate pricingdate pricingdt asofdate asof closeofbusinessdate cobdate cob "
    "businessdate trdexctndt executiondate transactiondate tradingdate tradingday sessiondate reportdate reportingdate "
    "observationdate caldt mcaldt qdate datum handelstag handelsdatum data datareferencia datapregao fecha giorno jour "
    "datedecours dt day pricesasof valuationdate",
    "time": "time tradetime executiontime trdexctntm transactiontime hora uhrzeit heure orario",
    "settlement_date": "settlementdate settledate settlement settle settlementdt settledt stlmntdt valuedate valuta "
    "valutadatum dataliquidacao liquidacion",
    "clean_price": "cleanprice clean priceclean pxclean pxlast lastprice lasttradeprice closeprice closingprice close "
    "last price pricecleanmid tradeprice rptdpr tdnomprc endofday evaluatedprice dollarprice midprice mid pxmid px prc "
    "kurs schlusskurs preco preciolimpio precio prezzo prezzoclean cours quote pricepercent marketprice",
    "dirty_price": "dirtyprice dirty pricedirty pxdirty grossprice fullprice invoiceprice allinprice pu pubase "
    "precosujo preciosucio pxdirtymid pricegross",
    "bid_price": "bidprice bid pxbid tdbid bidclean geld geldkurs denaro",
    "ask_price": "askprice ask pxask tdask offer offerprice brief briefkurs askclean lettera",
    "yield": "yield ytm yieldtomaturity yld yldpt yldytmmid yldytm closeyield closingyield midyield rendite tir "
    "rendimento rendement rendimiento askyield yieldclose",
    "maturity_date": "maturitydate maturity matdate maturitydt mat tmatdt redemptiondate redemption duedate expirydate "
    "vencimento datavencimento vencimiento scadenza echeance faelligkeit fallig falligkeit faelligkeitsdatum "
    "endfaellig laufzeitende finalmaturity matdt",
    "coupon_rate": "couponrate coupon cpn cpnrate couponpct couponpercent interestrate tcouprt nominalinterestrate "
    "kupon zinssatz nominalzins cupom taxacupom cupon cedola tauxnominal couponnominal rate",
    "quoted_margin": "quotedmargin margin spreadoverindex fltspread",
    "frequency": "frequency couponfrequency interestfrequency cpnfreq freq couponfreq paymentfrequency couponsperyear "
    "paymentsperyear tnippy interestpaymentfrequency periodicity periodicidade",
    "day_count": "daycount daycountbasis daycountconvention basis accrualbasis daycountfraction dcc daycounttype",
    "issue_date": "issuedate dateddate issuedt tdatdt dateoffirstissue firstissuedate datedissued dataemissao "
    "emissiondate emissionsdatum issue dated",
    "first_coupon_date": "firstcoupondate firstcoupon firstinterestdate firstcpndt tfcpdt firstinterestpaymentdate",
    "bond_type": "bondtype securitytype instrumenttype type itype bondkind securityclass assettype bondclass category",
    "credit_rating": "creditrating rating ratingsp sprating compositerating ratingmoodys moodysrating fitchrating "
    "bbgcomposite",
    "issuer": "issuer issuername company companyname emittent emissor emittente borrower",
    "issuer_country": "issuercountry countryofissuer countryofrisk country land pays paese pais",
    "sector": "sector industry industrysector branche",
    "currency": "currency ccy crncy curr waehrung wahrung moeda divisa devise valuta3",
    "callable": "callable iscallable callableflag",
    "convertible": "convertible isconvertible convertibleflag",
    "call_date": "calldate nextcalldate nextcall",
    "call_price": "callprice nextcallprice",
    "call_schedule": "callschedule",
    "face_value": "facevalue parvalue denomination nominalvalue mindenomination facenominal stuckelung par",
    "volume": "volume quantity qty tradesize tradedvolume entrdvolqt parvolume volumen menge quantidade turnover size "
    "tradeamount",
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

_ROLE_OF = {name: (role, rank) for role, names in _SPELLINGS.items() for rank, name in enumerate(names.split())}
_DECORATION = re.compile(r"\([^)]*\)|\[[^\]]*\]|%|\b(?:usd|eur|gbp)\b")
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
        bare = normalised(column)
        if bare in _ROLE_OF:
            role, rank = _ROLE_OF[bare]
            found.setdefault(role, []).append((rank, Named(column, role, bare not in _UNSURE.get(role, set()))))
    ranked = {role: [named for _, named in sorted(ones, key=lambda one: one[0])] for role, ones in found.items()}
    first = [ones[0] for ones in ranked.values()]
    return sorted(first, key=lambda one: columns.index(one.column)), [
        one for ones in ranked.values() for one in ones[1:]
    ]


def normalised(name: str) -> str:
    """Return a name of a column in small letters and digits alone, without units and accents."""
    plain = unicodedata.normalize("NFKD", name.lower()).encode("ascii", "ignore").decode()
    bare = re.sub(r"[^a-z0-9]", "", _DECORATION.sub(" ", plain))
    return bare or re.sub(r"[^a-z0-9]", "", plain)
