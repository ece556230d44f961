"""Draw with matplotlib so that the SVG stands inside a page: its colours, its font, no identifiers, no date."""

import io
import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
from markupsafe import escape
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Colours that matplotlib writes and the page replaces by its own, light or dark.
INK, MUTED, GRID = "#010101", "#020202", "#030303"
SERIES = tuple(f"#04040{digit}" for digit in range(8))
VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--line"} | {
    colour: f"--series-{number}" for number, colour in enumerate(SERIES)
}


class Drawing(NamedTuple):
    """A drawing, what is said below it, and what its lines show in the order of their colours."""

    svg: str
    caption: str
    names: Sequence[str] = ()


WIDTH_INCHES, HEIGHT_INCHES = 4.6, 3.2  # small, so that letters stay legible on a phone
STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so the layout does not depend on the machine
    "font.size": 9.5,
    "svg.fonttype": "none",
    "text.color": INK,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": GRID,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 9.5,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": GRID,
    "ytick.color": GRID,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
    "figure.facecolor": "none",
    "path.simplify": False,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
}


def draw(name: str, label: str, plot: Callable[[Axes], None]) -> str:
    """Return one figure as an SVG element to stand in HTML.

    Parameters
    ----------
    name : str
        Name of the figure, unique on the page: identifiers inside the SVG hang on it.
    label : str
        What it shows, for those who cannot see it.
    plot : callable
        Draws on the axes it is given.

    Returns
    -------
    str
        The same bytes for the same data.
    """
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever style the user has set for himself
        style: Any = {**STYLE, "svg.hashsalt": name}  # matplotlib's stubs want literal keys
        mpl.rcParams.update(style)
        figure = Figure(figsize=(WIDTH_INCHES, HEIGHT_INCHES), layout="constrained")
        plot(figure.add_subplot())
        file = io.StringIO()
        figure.savefig(file, format="svg", metadata={"Date": None})
    return _inline(file.getvalue(), label)


def _inline(svg: str, label: str) -> str:
    """Strip what only a file of its own needs, and let the page choose colours and font."""
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*"', "<g", body)
    body = body.replace("xlink:href", "href")
    body = re.sub(r"font: (?:[a-z]+ )?([0-9.]+px)[^;\"]*", r"font-size: \1", body)
    for colour, variable in VARIABLES.items():
        body = body.replace(colour, f"var({variable})")
    box = re.search(r'viewBox="[^"]*"', body)
    opening = f'<svg {box.group() if box else ""} role="img" aria-label="{escape(label)}">'
    return re.sub(r"<svg[^>]*>", lambda _: opening, body, count=1).strip()
