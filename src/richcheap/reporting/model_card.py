"""The card of a model of prices, by the sections of Mitchell and others (2019): its content, and its Markdown."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from richcheap.evaluation.metrics import METRICS
from richcheap.features.baselines import FILTER
from richcheap.reporting.layout.formats import NOTHING, count, interval, number, percent, signed_percent
from richcheap.reporting.layout.markdown import line
from richcheap.reporting.sections.slices import MIN_JUDGED, TOLERANCE

BLOCKS = ("train", "validation", "test")
CUTS = {
    "currency": "currency",
    "rating_bucket": "rating",
    "maturity": "maturity",
    "staleness": "days since the last price",
    "market_state": "market",
}
"""Cuts of the test block, and their headings."""
INTENDED = (
    "The fair clean price of a bond, points per 100 of face, as of a date whose market is known.",
    "To tell rich from cheap, to check marks and quotes, to price bonds that have not traded.",
    "Bonds of the kinds and currencies of the training data, with cash flows that are known but for calls.",
)
NOT_INTENDED = (
    "A price at which somebody trades: it is no quote, and no advice.",
    "Bonds whose cash flows are not known (inflation-linked, distressed), and markets that it was not trained on.",
    "Dates long after its training: see what drift says, and train again.",
)
ETHICS = (
    "It learns from prices and terms of bonds, and from no data of persons. A price that many rely on moves the market."
)


class CardText(NamedTuple):
    """What stands in the sections of a card.

    Attributes
    ----------
    lead, factors, metrics : str
    details, intended, not_intended, caveats : sequence of str
        Points of a list.
    data, analyses : sequence of str
        Lines.
    """

    lead: str
    details: Sequence[str]
    intended: Sequence[str]
    not_intended: Sequence[str]
    factors: str
    metrics: str
    data: Sequence[str]
    analyses: Sequence[str]
    caveats: Sequence[str]

    def markdown(self, name: str) -> str:
        """Return the card of a model."""
        sections = {
            "Model details": _points(self.details),
            "Intended use": [*_points(self.intended), "", "Not for:", "", *_points(self.not_intended)],
            "Factors": [self.factors],
            "Metrics": [self.metrics],
            "Training and evaluation data": self.data,
            "Quantitative analyses": self.analyses,
            "Ethical considerations": [ETHICS],
            "Caveats and recommendations": _points(self.caveats),
        }
        parts = [line for title, lines in sections.items() for line in ("", f"## {title}", "", *lines)]
        return "\n".join([f"# {name}", "", self.lead, *parts]) + "\n"


class ModelCard(NamedTuple):
    """What a card is made of.

    Attributes
    ----------
    name : str
    kind, starts_from : str
        What it is, and which price it corrects; a baseline corrects none.
    limits : sequence of str
    features : sequence of str
        Columns that it reads.
    params : mapping
        With which it was trained.
    version : str
        Of the package.
    champion : bool
        Whether it is the champion of the run.
    blocks : sequence of mapping
        ``blocks`` of metrics/split.json.
    evaluation : mapping
        metrics/evaluate.json; or ``left_out``, why there is none.
    findings : mapping or None
        What training found; None where it is not at hand.
    tuning : mapping or None
        What tuning decided.
    """

    name: str
    kind: str
    starts_from: str
    limits: Sequence[str]
    features: Sequence[str]
    params: Mapping[str, Any]
    version: str
    champion: bool
    blocks: Sequence[Mapping[str, Any]]
    evaluation: Mapping[str, Any]
    findings: Mapping[str, Any] | None
    tuning: Mapping[str, Any] | None

    @property
    def is_scored(self) -> bool:
        """Whether the evaluation knows the model."""
        return self.name in self.evaluation.get("predictors", ())

    def content(self) -> dict[str, Any]:
        """Return the card as JSON has it."""
        return {
            "model": self.name,
            "kind": self.kind,
            "starts_from": self.starts_from,
            "champion": self.champion,
            "version": self.version,
            "intended_use": list(INTENDED),
            "not_intended": list(NOT_INTENDED),
            "limits": list(self.limits),
            "features": list(self.features),
            "params": dict(self.params),
            "found": None if self.findings is None else dict(self.findings),
            "tuning": None if self.tuning is None else dict(self.tuning),
            "blocks": [dict(one) for one in self.blocks if one["name"] in BLOCKS],
            "metrics": dict(self.evaluation["predictors"][self.name]) if self.is_scored else None,
            "skill": dict(self.evaluation["skill"].get(self.name, {})) if self.is_scored else None,
            "slices": {cut: list(self._cells(cut)) for cut in CUTS} if self.is_scored else None,
        }

    def markdown(self) -> str:
        """Return the card for readers."""
        role = "The champion of its run: the model with the least error on the validation block. "
        return CardText(
            lead=f"{role if self.champion else ''}Made from a run of richcheap {self.version}.",
            details=(
                f"Kind: {self.kind}.",
                *self._start(),
                f"Features ({len(self.features)}): {', '.join(f'`{name}`' for name in self.features) or 'none'}.",
                f"Params: {settings(self.params)}.",
                *self._found(),
            ),
            intended=INTENDED,
            not_intended=NOT_INTENDED,
            factors=f"Errors differ by {', '.join(CUTS.values())}: the tables below show each.",
            metrics=(
                "Mean absolute error of clean prices, points per 100; share of prints inside the prediction intervals; "
                "and skill, 1 - error / error of a reference, with a paired block-bootstrap interval."
            ),
            data=[*block_table(self.blocks), "", "The test block was read once, when all was chosen."],
            analyses=[*self._analyses()] if self.is_scored else [self._unscored()],
            caveats=(*self.limits, *self._caveats()),
        ).markdown(self.name)

    def _cells(self, cut: str) -> Iterator[dict[str, Any]]:
        for cell in self.evaluation["slices"].get(cut, ()):
            if self.name in cell["predictors"]:
                yield {"cell": cell["cell"], "rows": cell["rows"], **cell["predictors"][self.name]}

    def _start(self) -> Iterator[str]:
        if self.starts_from:
            yield f"Starts from: {self.starts_from}. It predicts how far a print lies from there, in bp of spread."

    def _found(self) -> Iterator[str]:
        if self.findings is not None:
            multipliers = {name: value for name, value in self.findings.items() if name.endswith("multiplier")}
            if multipliers:
                yield f"Shrunk, chosen on the validation block: {settings(multipliers)}."
            for row in self.findings.get("leaderboard", ()):
                if row.get("share"):
                    shown = [str(row[key]) for key in ("family", "features", "space", "settings") if row.get(key)]
                    yield f"Found: {percent(row['share'], 0)} % {'; '.join(shown)}."
        if self.tuning is not None:
            yield f"Tuning: {self.tuning['verdict']}."

    def _unscored(self) -> str:
        reason = self.evaluation.get("left_out")
        return f"Not scored: {reason}." if reason else "Not scored: the last evaluation does not know this model."

    def _analyses(self) -> Iterator[str]:
        figures, level = self.evaluation["predictors"][self.name], self.evaluation["confidence"]
        shown = [metric for metric in METRICS if figures.get(metric.key) is not None]
        yield from markdown_table(
            ("Metric", "Value", "Unit", "Meaning"),
            [(f"`{one.key}`", number(figures[one.key], 4), one.unit or NOTHING, one.meaning) for one in shown],
        )
        skill = self.evaluation["skill"].get(self.name, {})
        references = {
            "against_best_simple_baseline": self.evaluation["best_simple_baseline"],
            f"against_{FILTER}": FILTER,
        }
        compared = [(reference, skill[key]) for key, reference in references.items() if skill.get(key)]
        if compared:
            yield ""
            yield from markdown_table(
                ("Skill against", "%", f"{percent(level, 0)} % interval", "Verdict"),
                [
                    (f"`{name}`", signed_percent(one["skill"]), interval(one["low"], one["high"]), one["verdict"])
                    for name, one in compared
                ],
            )
        for cut, title in CUTS.items():
            rows = [
                (str(one["cell"]), count(one["rows"]), number(one["mae"], 4), percent(one.get("coverage")))
                for one in self._cells(cut)
            ]
            if rows:
                yield ""
                yield from markdown_table((f"By {title}", "Rows", "MAE, points", "Coverage, %"), rows)

    def _caveats(self) -> Iterator[str]:
        if not self.is_scored:
            return
        target = self.evaluation["interval_coverage_target"]
        off = [
            f"{CUTS[cut]} {one['cell']} ({percent(one['coverage'], 0)} %)"
            for cut in CUTS
            for one in self._cells(cut)
            if one["rows"] >= MIN_JUDGED
            and one.get("coverage") is not None
            and abs(one["coverage"] - target) > TOLERANCE
        ]
        if off:
            yield f"Intervals cover more than {percent(TOLERANCE, 0)} points beside their target in: {', '.join(off)}."
        verdict = self.evaluation["skill"].get(self.name, {}).get(f"against_{FILTER}", {}).get("verdict")
        if verdict and verdict != "better":
            yield f"Against the Kalman filter alone it is: {verdict}."
        yield f"The test block has {count(self.evaluation['dates'])} dates; other dates are another market."


def _points(texts: Sequence[str]) -> list[str]:
    return [f"- {text}" for text in texts]


def settings(values: Mapping[str, Any]) -> str:
    """Return params in a line."""
    return ", ".join(f"`{name}` {value}" for name, value in values.items()) or "none"


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of a table."""
    return [line(titles), line(["---"] * len(titles)), *map(line, rows)]


def block_table(blocks: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the dates of the blocks, those that are learned from and judged on."""
    rows = [
        (
            str(one["name"]),
            one["first_date"] or NOTHING,
            one["last_date"] or NOTHING,
            count(one["dates"]),
            count(one["rows"]),
        )
        for one in blocks
        if one["name"] in BLOCKS
    ]
    return markdown_table(("Block", "First date", "Last date", "Dates", "Rows"), rows)
