"""What all pictures share: how a spec begins."""

from typing import Any, Final

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
"""Names the language of a spec; nothing is fetched from there."""


def frame(description: str, height: int = 260) -> dict[str, Any]:
    """Return the head of a spec that fills the place where it is drawn; a screen reader reads the description."""
    return {"$schema": SCHEMA, "description": description, "width": "container", "height": height}
