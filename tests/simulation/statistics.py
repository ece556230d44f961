"""The measured figures of docs/simulation.md: ``python -m tests.simulation.statistics`` prints its table."""

from pathlib import Path

import numpy as np

from richcheap.pipeline.config.sections import load_seed
from richcheap.simulation.constants import BUSINESS_DAYS_A_YEAR, RATINGS, REGIMES, TREASURY
from richcheap.simulation.market import Simulated
from richcheap.simulation.states.credit import NOTCH_LETTER
from richcheap.simulation.states.yields import NODE_YEARS
from tests.simulation.settings import default_market

STRESSED_SEED = 8
"""With it, a quarter of the days are crisis."""


def factor_shares(market: Simulated) -> np.ndarray:
    """The shares of the variance of daily curve changes, percent, largest first."""
    variances = np.linalg.eigvalsh(np.cov(np.diff(market.market.curve.rates, axis=0).T))[::-1]
    return np.asarray(100.0 * variances / variances.sum())


def measured(market: Simulated) -> dict[str, str]:
    """Return each statistic as it stands in the table."""
    bonds, day, bond = market.universe, market.day, market.bond
    treasury = bonds.kind[bond] == TREASURY
    letter, spread = NOTCH_LETTER[market.notch], market.spreads.total
    plain = ~treasury & ~bonds.convertible[bond]
    crisis = market.regimes[day] == REGIMES.index("crisis")
    counts = np.bincount(bond)
    shares = factor_shares(market)
    ten_years = np.diff(market.market.curve.rates[:, NODE_YEARS.tolist().index(10.0)]) * 1e4
    grade = market.market.ratings.notch
    changes = np.sum(np.diff(grade, axis=0) != 0) / grade.size * BUSINESS_DAYS_A_YEAR
    order = np.lexsort((day, bond))
    bond_, day_, residual = bond[order], day[order], market.spreads.bond[order]
    following = (bond_[1:] == bond_[:-1]) & (day_[1:] == day_[:-1] + 1)
    memory = np.corrcoef(residual[1:][following], residual[:-1][following])[0, 1]
    investment_grade, speculative = plain & (letter <= 3), plain & (letter > 3)

    issued, ended = np.sum(bonds.first > 0), np.sum(bonds.last < day.max())

    def by_letter(rows: np.ndarray) -> str:
        return " ".join(f"{np.median(spread[rows & (letter == k)]):.0f}" for k in range(len(RATINGS)))

    def points(rows: np.ndarray) -> str:
        return f"{np.median(market.prints.half_spread[rows]):.3f}"

    return {
        "observations, bonds": f"{day.size} {counts.size}",
        "bonds issued in the window, bonds that end in it": f"{issued} {ended}",
        "observations of a bond: fewest, median, most": f"{counts.min()} {np.median(counts):.0f} {counts.max()}",
        "treasuries' share of observations, %": f"{100 * treasury.mean():.0f}",
        "days of crisis": f"{np.sum(market.regimes == REGIMES.index('crisis'))}",
        "curve factors' shares of variance, %": " ".join(f"{share:.1f}" for share in shares[:3]),
        "ten-year rate, deviation of daily changes, bp": f"{ten_years.std():.1f}",
        "median spread, AAA to CCC, outside crisis, bp": by_letter(plain & ~crisis),
        "median spread, AAA to CCC, in crisis, bp": by_letter(plain & crisis),
        "autocorrelation of bond residuals, a day": f"{memory:.2f}",
        "grade changes an issuer and year": f"{changes:.2f}",
        "half bid-ask, median: treasury, investment grade, high yield, points": " ".join(
            map(points, (treasury, investment_grade, speculative))
        ),
    }


def table(folder: Path) -> str:
    """Return the table in Markdown."""
    usual, stressed = (measured(default_market(seed)) for seed in (load_seed(folder / "params.yaml"), STRESSED_SEED))
    head = f"| measured | default | seed {STRESSED_SEED} |\n|---|---|---|\n"
    return head + "".join(f"| {name} | {usual[name]} | {stressed[name]} |\n" for name in usual)


if __name__ == "__main__":
    print(table(Path.cwd()), end="")
