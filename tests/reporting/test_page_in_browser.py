"""The page in a browser: sort, filter, search, open a bond, go back, download, print; no request; nothing is markup."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from benchmarks import browser as of_system
from benchmarks.invented import lists
from richcheap.reporting.page import VIEWS, render
from richcheap.reporting.trader.embedded import Lists
from tests.reporting import examples

pytestmark = pytest.mark.skipif(of_system.find() is None, reason=of_system.NOT_FOUND)

NAMES = {
    "BOND000003": "<script>document.title='read as markup'</script>",
    "BOND000004": "=1+1",
    "BOND000005": '</script><!-- \u00e4 "5" 1/4%',
}
ADDRESSES = (*(view.anchor for view in VIEWS), "bond=BOND000007")
LOOKED_AT = {"exclude": [["tbody tr:nth-child(n + 3)"]]}
"""Of each table two lines: the others are like them."""
STRANGE = NAMES["BOND000003"]
BONDS = 40


def named(lists_: Lists) -> Lists:
    """Return lists in which some bonds have names that mean something to a browser or a spreadsheet."""
    columns = ("bond_id", "peer_id", "issuer")
    return Lists(
        *(
            table.with_columns(pl.col(name).replace(NAMES) for name in columns if name in table.columns)
            for table in lists_
        )
    )


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    path: Path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(examples.report_data(lists=named(lists(BONDS, 12)))), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with of_system.opened() as opened:
        yield opened


@pytest.fixture
def page(browser, file) -> Iterator[Page]:
    """Return the page, opened without a network; what it complains of or asks for fails the test."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, offline=True, accept_downloads=True)
    opened = context.new_page()
    messages: list[str] = []
    opened.on("console", lambda message: messages.append(message.text))
    opened.on("pageerror", lambda error: messages.append(str(error)))
    opened.on("request", lambda request: messages.append(request.url))
    opened.goto(file.as_uri())
    opened.wait_for_selector("html[data-ready]")
    yield opened
    context.close()
    assert [said for said in messages if not said.startswith((file.as_uri(), "blob:"))] == []


def column(page: Page, number: int) -> list[str]:
    """Return the texts of a column of the list as it is shown."""
    return page.locator(f"#list-table tbody td:nth-child({number})").all_inner_texts()


def figures(texts: list[str]) -> list[float]:
    return [float(text.replace("\u2212", "-")) for text in texts if text != "\u2013"]


def place_of(page: Page, heading: str) -> int:
    titles = page.locator("#list-table thead th").all_inner_texts()
    return next(place for place, title in enumerate(titles, 1) if re.sub(r"\s+", " ", title).strip() == heading)


def test_it_opens_with_the_trader_s_view_and_the_cheapest_bonds_first(page):
    assert page.locator(".view:visible h1").inner_text() == "What is rich, what is cheap"
    shown = figures(column(page, place_of(page, "Cheap by bp")))
    assert shown == sorted(shown, reverse=True)
    assert "Buying bonds flagged cheap" in page.locator(".asides").inner_text()


def test_a_heading_sorts_both_ways_and_unknown_figures_come_last(page):
    page.select_option(".dt-length select", "50")
    place = place_of(page, "Cheap by bp")
    heading = page.locator(f"#list-table thead th:nth-child({place})")
    for reverse, order in ((False, "ascending"), (True, "descending")):
        heading.click()
        expect(heading).to_have_attribute("aria-sort", order)
        shown = column(page, place)
        assert figures(shown) == sorted(figures(shown), reverse=reverse)
        assert shown[-2:] == ["\u2013"] * 2


def test_filters_and_search_keep_what_they_say(page):
    page.select_option(".rating_bucket select", "BBB")
    page.fill(".from input", "5")
    page.fill(".to input", "20")
    rating, years = place_of(page, "Rating"), place_of(page, "Maturity years")
    assert set(column(page, rating)) == {"BBB"}
    assert all(5.0 <= value <= 20.0 for value in figures(column(page, years)))
    page.click("text=Clear")
    page.fill(".search input", "=1+")
    assert column(page, 1) == ["=1+1"]
    page.click("text=Clear")
    page.click("[data-doubt=unpriced]")
    assert column(page, 1) == ["BOND000001"]


def test_columns_can_be_chosen(page):
    page.click("summary:has-text('Columns')")
    page.check("label:has-text('Yield, %')")
    assert all(value > 1.0 for value in figures(column(page, place_of(page, "Yield %"))))


def test_a_bond_opens_and_the_way_back_leads_to_the_list_as_it_was(page):
    page.select_option(".rating_bucket select", "BBB")
    before = column(page, 1)
    page.locator("#list-table tbody a").first.click()
    page.wait_for_selector("[data-view=bond] .chart svg")
    assert page.locator(".view:visible h1").inner_text() == before[0]
    page.go_back()
    assert page.locator("#list").is_visible()
    assert column(page, 1) == before


def test_one_bond_shows_pictures_peers_parts_and_why(page):
    page.evaluate("location.hash = 'bond=BOND000007'")
    expect(page.locator("[data-view=bond] .chart svg")).to_have_count(4)
    why = page.locator(".why").inner_text()
    yields = r"it yields [\d.]+ bp \(± [\d.]+ bp, 90 %\) (more|less) than"
    assert re.match(rf"(Cheap|Rich|Fair): with its print of the day taken in, {yields}", why)
    page.locator("[aria-label=Peers] a").first.click()
    expect(page.locator("[data-view=bond] h1")).not_to_have_text("BOND000007")


def test_a_callable_bond_says_what_its_call_is_worth_and_another_says_nothing_of_calls(page):
    listed = lists(BONDS, 12).bonds.filter(pl.col("dv01").is_not_null(), ~pl.col("bond_id").is_in([*NAMES]))
    for callable_ in (True, False):
        page.evaluate(f"location.hash = 'bond={listed.filter(callable=callable_)['bond_id'][0]}'")
        facts = page.locator("[data-view=bond] dl").first
        expect(facts).to_contain_text("Spread at the fair price")
        said = facts.inner_text()
        assert all(
            (words in said) is callable_ for words in ("Spread to worst", "Option-adjusted spread", "call is worth")
        )


@pytest.mark.parametrize(
    ("bond", "words"),
    [
        ("BOND000000", "it has never had a price"),
        ("BOND000001", "It has no fair price: its cash flows cannot be discounted"),
        ("nobody", "No live bond of this name"),
    ],
)
def test_a_bond_without_figures_says_why(page, bond, words):
    page.evaluate(f"location.hash = 'bond={bond}'")
    page.wait_for_selector(f".view:visible h1:has-text('{bond}')")
    assert words in page.locator(".view:visible").inner_text()


def test_names_are_text_in_the_list_in_a_bond_and_in_the_title(page):
    page.fill(".search input", "<script")
    page.locator("#list-table tbody a").click()
    page.wait_for_selector(".view:visible .subtitle")
    assert page.locator(".view:visible h1").inner_text() == STRANGE
    assert page.title() == f"{STRANGE} - richcheap"


def test_the_download_is_what_is_filtered_and_no_formula(page, tmp_path):
    page.fill(".search input", "=1+1")
    with page.expect_download() as caught:
        page.click("text=Download as CSV")
    caught.value.save_as(tmp_path / "bonds.csv")
    rows = list(csv.DictReader((tmp_path / "bonds.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["bond_id"] for row in rows] == ["'=1+1"]
    assert rows[0]["maturity_date"].startswith("20")
    assert caught.value.suggested_filename == "bonds-2024-03-01.csv"


def test_the_keyboard_alone_reaches_a_heading_a_bond_and_the_way_back(page):
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the list"
    page.locator("#list-table .dt-column-order").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#list-table thead th").first).to_have_attribute("aria-sort", "ascending")
    assert column(page, 1) == sorted(column(page, 1))
    page.locator("#list-table tbody a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-view=bond] .back")
    assert page.evaluate("document.activeElement.tagName") == "H1"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#list-table:visible")


def test_each_view_prints_on_two_pages_at_most(page):
    for address in ADDRESSES:
        page.evaluate(f"location.hash = '{address}'")
        page.wait_for_selector(".view:visible h1")
        assert len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(prefer_css_page_size=True))) <= 2, address


@pytest.mark.parametrize(
    ("width", "scheme", "addresses"),
    [
        (390, "light", ("trader", "quant", "risk")),
        (1400, "dark", ("trader", "settings", "bond=BOND000007")),
        (390, "dark", ("bond=BOND000002",)),  # has no interval
        (1400, "light", ("risk",)),
    ],
)
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(page, width, scheme, addresses):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    for address in addresses:
        page.evaluate(f"location.hash = '{address}'")
        page.wait_for_selector(".view:visible h1")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        if address.startswith("bond="):
            expect(page.locator("[data-view=bond] .chart[aria-label]")).to_have_count(4)
        found = Axe().run(page, context=LOOKED_AT, options={"resultTypes": ["violations"]}).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width
