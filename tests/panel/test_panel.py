"""The prints of one currency as arrays."""

from itertools import pairwise

import numpy as np

from richcheap.panel.panel import build_panel
from richcheap.panel.universe import UNIVERSE_COLUMNS, build_universe
from tests.surface.markets import small_market


def test_bonds_and_issuers_have_the_numbers_of_the_roster() -> None:
    frame = small_market()
    universe = build_universe([frame.select(UNIVERSE_COLUMNS)])["USD"]
    later = frame.slice(200)
    panel = build_panel(later, universe)
    assert universe.bonds[panel.bond].to_list() == later["bond_id"].to_list()
    assert [None if k < 0 else universe.issuers[k] for k in panel.issuer.tolist()] == later["issuer"].to_list()
    np.testing.assert_array_equal(panel.dirty_price, later["dirty_price"].to_numpy())


def test_each_date_is_one_run_of_rows() -> None:
    frame = small_market()
    starts = build_panel(frame, build_universe([frame.select(UNIVERSE_COLUMNS)])["USD"]).date_start
    assert starts.size - 1 == frame["date"].n_unique()
    assert starts[-1] == frame.height
    for start, stop in pairwise(starts.tolist()):
        assert frame["date"][start:stop].n_unique() == 1
