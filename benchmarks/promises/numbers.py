"""Numbers: bonds against arithmetic of fifty digits and against QuantLib, and markets of which little can be said.

    python -m benchmarks.promises.numbers --short
    python -m benchmarks.promises.numbers --write

docs/promises.md shows what came of it. Where QuantLib and the published rules differ (docs/conventions.md says why),
ours are those of the rules, and such bonds are compared with fifty digits alone: its Thirty360(USA) has the end of
February for all bonds; its ActualActual(ISMA) forgets the end of the month in a long first period without a schedule,
miscounts one before an odd last period, and lets quasi-periods drift from the 29th and 30th after a February.
"""

import sys
from functools import partial

from benchmarks.promises.arithmetic import bonds, markets
from benchmarks.promises.cases import Kind, run

EXACT = "Accrued to spread are those of fifty digits: to 1e-12, yields and spreads to 1e-13, convexity to 1e-11."
BY_QUANTLIB = "Accrued to DV01 are QuantLib's: to 1e-10, convexity to 1e-9."

KINDS = (
    *(
        Kind(name, EXACT, partial(bonds.exact_cases, draw, 60, 900))
        for name, draw in (
            ("ordinary bonds", bonds.ordinary),
            ("zero-coupon bonds", bonds.zeros),
            ("odd first periods", bonds.odd_first),
            ("odd last periods", bonds.odd_last),
            ("ex-dividend", bonds.ex_dividend),
            ("ends of months", bonds.month_ends),
            ("settled about a coupon date", bonds.coupon_days),
            ("prices of 0.01 to 500", bonds.extreme_prices),
            ("yields of -5 to 300 %", bonds.extreme_yields),
            ("a day to a month left", bonds.last_days),
            ("50 to 100 years", bonds.centuries),
        )
    ),
    *(
        Kind(f"QuantLib: {name}", BY_QUANTLIB, partial(bonds.quantlib_cases, draw, 60, 800))
        for name, draw in (
            ("ordinary bonds", bonds.ordinary),
            ("odd last periods", bonds.odd_last),
            ("ends of months", bonds.month_ends),
        )
    ),
    Kind("markets", "Every stage ends with finite figures, or a line says why there are none.", markets.cases),
)

if __name__ == "__main__":
    sys.exit(run("numbers", __doc__, KINDS))
