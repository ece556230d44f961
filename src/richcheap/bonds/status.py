"""Why a bond has no figures: one code for each reason, so that no NaN stands unexplained."""

from enum import IntEnum

import numpy as np
import numpy.typing as npt


class Status(IntEnum):
    """Outcome of a computation for one observation; every code but ``OK`` goes with NaN figures."""

    OK = 0
    BAD_TERMS = 1  # unknown day count or frequency, a date outside 1901-2199, a coupon that is not finite, ...
    MATURED = 2  # settles on or after maturity
    NOT_ISSUED = 3  # settles before interest starts to accrue
    BAD_PRICE = 4  # the price, or the yield or spread it follows from, is missing, infinite or not positive
    ZERO_TIME = 5  # the day count sees no time between settlement and maturity
    NO_SOLUTION = 6  # no yield or spread gives the price
    BAD_CURVE = 7  # the curve does not exist or holds a rate that is not finite


STATUS_NAMES: tuple[str, ...] = tuple(status.name.lower() for status in Status)


def status_names(codes: npt.NDArray[np.int8]) -> list[str]:
    """Return the lower-case name of each code, such as ``"ok"`` or ``"matured"``."""
    return [STATUS_NAMES[code] for code in codes.tolist()]
