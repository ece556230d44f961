import html
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import polars as pl
import pytest

from richcheap.pipeline.storage.artifacts import read_json, write_json
from richcheap.reporting.page import SECTIONS, TEMPLATES, VIEWS, context, render
from tests.conftest import ROOT
from tests.reporting import examples

VOID = {"meta", "use", "path", "wbr"}


class Outline(HTMLParser):
    """Check that elements close in order, and gather identifiers, links and text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [value for name, value in attrs if name in ("href", "src", "xlink:href") and value]

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    parsed.close()
    return parsed


@pytest.fixture(scope="module")
def page() -> str:
    return render(examples.report_data())


def test_the_page_has_all_sections_in_their_order_and_leads_to_each(page):
    anchors = [section.anchor for section in SECTIONS]
    assert [found for found in re.findall(r'<section id="(.+)">\n<h2>', page) if found in anchors] == anchors
    views = re.findall(r'<nav class="sections".*?</nav>', page, flags=re.DOTALL)
    assert re.findall(r'<a href="#(.+)">', "".join(views)) == anchors
    (views,) = re.findall(r'<nav class="views".*?</nav>', page, flags=re.DOTALL)
    assert re.findall(r'<a href="#(.+)">', views) == [view.anchor for view in VIEWS]


def test_every_template_belongs_to_a_section():
    assert {path.stem for path in (TEMPLATES / "sections").iterdir()} == {section.anchor for section in SECTIONS}
    assert {path.stem for path in (TEMPLATES / "views").iterdir()} == {view.anchor for view in VIEWS}


def test_the_page_asks_for_nothing_from_outside(page):
    assert "default-src 'none'; script-src 'sha256-" in html.unescape(page)
    without = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)  # test_page_in_browser.py counts their requests
    assert not re.search(r"https?:|//[a-z]|<link|<img|<iframe|@import|url\((?!#)", without)
    assert all(link.startswith("#") for link in outline(page).links)


def test_elements_close_in_order_and_identifiers_are_unique(page):
    parsed = outline(page)
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))
    named = {link.removeprefix("#") for link in parsed.links if not link.startswith("#bond=")}
    assert named <= {*parsed.ids, *(view.anchor for view in VIEWS)}


def test_bytes_do_not_depend_on_the_process():
    code = "from tests.reporting import examples; from richcheap.reporting.page import render; import sys; "
    code += "sys.stdout.buffer.write(render(examples.report_data()).encode())"
    pages = [
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert len(pages[0]) > 50_000
    assert pages[0] == pages[1]


def test_a_style_of_the_user_changes_nothing(page):
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 30.0, "axes.facecolor": "red", "svg.fonttype": "path"}):
        assert render(examples.report_data()) == page


def reversed_keys(value):
    """Return a content with the keys of every mapping in the opposite order."""
    if isinstance(value, dict):
        return {key: reversed_keys(item) for key, item in reversed(value.items())}
    return [reversed_keys(item) for item in value] if isinstance(value, list) else value


def test_the_page_does_not_depend_on_the_order_of_keys_which_files_do_not_keep(page):
    report_data = examples.report_data()
    contents = {name: value for name, value in report_data._asdict().items() if isinstance(value, dict)}
    by_model = {name: contents.pop(name) for name in ("train", "tune")}  # in the order of params.yaml, not of a file
    swapped = {name: reversed_keys(value) for name, value in contents.items()}
    swapped |= {
        name: {model: reversed_keys(content) for model, content in models.items()} for name, models in by_model.items()
    }
    assert render(report_data._replace(**swapped)) == page


def test_rows_stand_in_the_order_of_their_definition_after_a_file_has_sorted_the_keys(tmp_path):
    shown = {}
    for name, value in examples.report_data()._asdict().items():
        if isinstance(value, dict):
            write_json(value, tmp_path / f"{name}.json")
            shown[name] = read_json(tmp_path / f"{name}.json")
    report_data = examples.report_data(**shown)
    page = context(report_data)

    def firsts(table):
        return [row.cells[0].text for row in table.rows]

    slices = {entry["title"]: entry for entry in page["cells"]["drawn"]}
    assert firsts(slices["Years to maturity"]["errors"]) == list(examples.MATURITIES)
    assert firsts(page["coverage"]["tables"]["Days since last price"]) == list(examples.STALENESS)
    assert firsts(page["cells"]["others"][0]) == ["AAA", "BBB", "CCC"]
    assert firsts(page["stress"].portfolio) == ["up", "crisis"]
    assert firsts(page["stress"].ratings) == ["GOV", "A"]
    assert firsts(page["factors"].explained)[:3] == ["curve: slope", "and level", "and curvature"]
    assert firsts(page["risk"].tails) == ["historical", "parametric", "Monte Carlo", "filtered historical"]
    levels = [float(level) for level in dict.fromkeys(firsts(page["risk"].backtest))]
    assert levels == [100.0 * level for level in report_data.tail_risk["levels"]] == sorted(levels)
    assert firsts(page["regimes"].regimes) == report_data.regime_detector["names"]
    assert firsts(page["split"]) == ["train", "embargo", "validation", "embargo", "test"]


def test_no_date_of_the_run_is_on_the_page(page):
    assert "<metadata" not in page
    assert "dc:date" not in page


def test_every_colour_of_a_figure_is_the_page_s_own(page):
    figures = "".join(re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL))
    assert not re.search(r"#[0-9a-f]{6}", figures)
    named = set(re.findall(r"var\((--[a-z0-9-]+)\)", page))
    assert named <= set(re.findall(r"(--[a-z0-9-]+):", page))


def test_a_model_that_wins_is_said_to_win(page):
    text = outline(page).text
    assert "beats the best simple baseline, peers: MAE lower by 2.8 % (95 % interval 1.3 to 4.1 %)" in text
    assert "beats the Kalman filter, kalman: MAE lower by 1.8 % (95 % interval 0.3 to 3.1 %)" in text
    assert '<li class="good">' in page


@pytest.mark.parametrize(
    ("verdict", "mark", "words"),
    [
        ("worse", "bad", "loses to the Kalman filter, kalman: MAE higher by"),
        ("not distinguishable", "even", "is not distinguishable from the Kalman filter, kalman: MAE higher by"),
    ],
)
def test_a_model_that_does_not_win_is_said_not_to_win(verdict, mark, words):
    losing = render(examples.report_data(evaluate=examples.losing(verdict)))
    text = outline(losing).text
    assert words in text
    assert f'<li class="{mark}">' in losing
    assert "beats the Kalman filter" not in text
    assert "kalman, a baseline, has the lowest error on the validation block" in text
    assert "(a baseline: no model did better there)" in text


def test_names_are_escaped():
    strange = examples.predictions().with_columns(bond_id=pl.lit("<i>A&B</i> ") + pl.col("bond_id"))
    text = render(examples.report_data(predictions=strange))
    assert "&lt;i&gt;A&amp;B&lt;/i&gt; US" in text
    assert "&lt;b&gt;bold&lt;/b&gt;" in text
    assert "<i>" not in text


def test_a_cell_s_name_is_escaped_in_its_figure(page):
    assert re.search(r">&lt;1y</text>", page)


def test_without_truth_there_is_no_attainable_share():
    evaluate = examples.evaluation()
    evaluate["oracle"] = None
    del evaluate["slices"]["regime"]
    for figures in evaluate["predictors"].values():
        figures["optimal_filter_share_of_move"] = None
    text = outline(render(examples.report_data(evaluate=evaluate))).text
    assert "Attainable" not in text
    assert "Simulated regime" not in text


def test_without_quarantine_it_is_said_that_all_rows_were_accepted():
    ingest = {**examples.report_data().ingest, "rows_quarantined": 0, "quarantine_reasons": {}}
    page = render(examples.report_data(ingest=ingest, quarantine=examples.quarantine().clear()))
    assert "Every row of the source was accepted." in page
    assert 'aria-label="Reasons for quarantine"' not in page


def test_without_models_the_baselines_stand_alone():
    evaluate = examples.evaluation()
    del evaluate["predictors"]["ml_adjuster"], evaluate["skill"]["ml_adjuster"]
    evaluate["best_model"] = None
    text = outline(render(examples.report_data(evaluate=evaluate))).text
    assert "No model was trained; the page shows baselines only." in text
    assert "Predicted against observed price, kalman." in text


def test_without_slices_and_intervals_the_page_still_stands():
    evaluate = examples.evaluation()
    evaluate["slices"] = {}
    bare = examples.predictions(120, 1).with_columns(pl.lit(None, dtype=pl.Float64).alias("ml_adjuster_low"))
    bare = bare.with_columns(pl.lit(None, dtype=pl.Float64).alias("ml_adjuster_high"))
    text = outline(render(examples.report_data(evaluate=evaluate, predictions=bare))).text
    assert "No bond of the last date has a prediction interval." in text


def test_figures_that_do_not_exist_are_dashes():
    evaluate = examples.evaluation()
    for figures in evaluate["predictors"].values():
        figures.update(yield_mae_bp=None, yield_median_bp=None, r2_adjustment=None, coverage=None)
    evaluate["skill"] = {}
    text = outline(render(examples.report_data(evaluate=evaluate))).text
    assert "It misses the prices of the test block by 0.2150 points per 100 on average" in text
    assert "None" not in text
    assert "nan" not in text
