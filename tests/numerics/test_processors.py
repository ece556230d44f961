"""The same bits on another family of processors: a process without AVX and FMA, in our kernels and in the C library."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.promises.determinism import processors
from richcheap.bonds.measures import accrued_interest, dirty_from_yield, measures
from richcheap.bonds.yield_to_worst import measures_to_worst
from richcheap.curves.bootstrap import bootstrap_par_curve
from richcheap.curves.pricing import curve_measures, curve_prices, price_and_sensitivity
from richcheap.models.common.neural_network import fit_linear, fit_network
from richcheap.numerics.linear_algebra import cholesky, product, singular_values
from tests.bonds.referee import odd_last_bonds, random_bonds, terms
from tests.bonds.test_yield_to_worst import callable_bonds, calls
from tests.conftest import ROOT

BONDS = 2_000
VECTOR_FUNCTIONS = {
    *("exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "power", "float_power", "logspace", "geomspace"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh"),
    *("arctanh", "cbrt", "hypot", "logaddexp", "logaddexp2", "dot", "vdot", "inner", "matmul", "tensordot", "einsum"),
    *("linalg", "cov", "corrcoef", "polyfit", "convolve", "correlate"),
}
"""What NumPy computes by instructions of the processor's, or hands to a BLAS."""


def digests() -> dict[str, str]:
    """A digest of every output of the library on random bonds."""
    rng = np.random.default_rng(91)
    bonds = terms([*random_bonds(92, BONDS - 500), *odd_last_bonds(92, 500)])
    floating = bonds._replace(floating=rng.integers(0, 3, BONDS, np.int32), margin=rng.uniform(-0.01, 0.03, BONDS))
    prices, rates = rng.uniform(20.0, 180.0, BONDS), rng.uniform(-0.02, 0.2, BONDS)
    nodes = np.array([0.25, 1.0, 2.0, 5.0, 10.0, 30.0])
    curves = np.vstack([bootstrap_par_curve(nodes, row) for row in rng.uniform(0.0, 0.06, (5, len(nodes)))])
    index = rng.integers(0, len(curves), BONDS).astype(np.int32)
    spreads = rng.uniform(-0.02, 0.1, (BONDS, 2))
    called, schedules, called_prices = callable_bonds(93, BONDS // 4)
    table = rng.normal(size=(700, 9))
    learned = fit_network(
        table.astype(np.float32), table[:, 0] * table[:, 1], np.ones(len(table)),
        hidden=(7, 3), penalty=0.1, epochs=3, learning_rate=0.01, clip_share=0.01, seed=5,
    )  # fmt: skip
    line = fit_linear(
        table.astype(np.float32),
        np.sign(table[:, 2]) * table[:, 2] ** 2,
        np.ones(len(table)),
        penalty=0.01,
        clip_share=0.01,
    )
    gram = product(table.T, table)
    outputs: dict[str, Any] = {
        "algebra": [gram, cholesky(gram), *singular_values(table)],
        "layers": [np.array(layer) for one in (learned, line) for layer in (*one.weights, *one.biases)],
        "accrued": [accrued_interest(bonds)],
        "price": [dirty_from_yield(bonds, rates)],
        "measures": measures(bonds, prices),
        "worst": measures_to_worst(terms(called), calls(schedules), called_prices),
        "curves": [curves],
        "view": curve_measures(floating, prices, nodes, curves, index),
        "curve_prices": [curve_prices(floating, nodes, curves, index, spreads)],
        "sensitivity": price_and_sensitivity(floating, nodes, curves, index, spreads[:, 0].copy()),
    }
    return {
        name: hashlib.sha256(b"".join(column.tobytes() for column in columns)).hexdigest()
        for name, columns in outputs.items()
    }


@pytest.mark.slow
def test_results_are_the_same_bits_on_another_processor_family(tmp_path: Path) -> None:
    old = {
        **os.environ,
        **processors()["no AVX"].variables,
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    program = "import json; from tests.numerics.test_processors import digests; print(json.dumps(digests()))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=old, capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert json.loads(done.stdout) == digests()


def depends_on_the_processor(node: ast.AST) -> bool:
    """Say whether an expression is a product of matrices or one of NumPy's functions whose last digits vary."""
    if isinstance(node, ast.BinOp | ast.AugAssign):
        return isinstance(node.op, ast.MatMult)
    return (
        isinstance(node, ast.Attribute)
        and node.attr in VECTOR_FUNCTIONS
        and isinstance(node.value, ast.Name)
        and node.value.id == "np"
    )


def test_what_depends_on_the_processor_is_called_nowhere() -> None:
    """`richcheap.numerics` has the same by arithmetic of its own."""
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        for folder in ("src/richcheap", "stages")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if depends_on_the_processor(node)
    ]
    assert found == []
