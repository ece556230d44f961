"""Set many params at once: write the values of a profile into params.yaml, where all else stays as it is.

    python -m stages.profile profiles/hour.yaml

It is no stage of the pipeline: like an editor, it changes params.yaml, and git shows what.
"""

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node

from stages.pipeline import paths
from stages.pipeline.artifacts import write_text
from stages.pipeline.document import Document, KeyPath, read
from stages.pipeline.errors import ParamsError
from stages.pipeline.stage import Parser, run


def main() -> None:
    """Write the values of the profile named on the command line into params.yaml, and say which changed."""
    parser = Parser(__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="profile, for instance profiles/hour.yaml")
    profile = read(parser.parse_args().file)
    read(paths.PARAMS)  # says in a line what is wrong with it
    text = paths.PARAMS.read_text(encoding="utf-8")
    changed = applied(text, profile)
    before, after = text.splitlines(), changed.splitlines()
    write_text(changed, paths.PARAMS)
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        if old != new:
            print(f"{paths.PARAMS}:{number}: {old.strip()} -> {new.strip()}")


def applied(text: str, profile: Document) -> str:
    """Return the text of params.yaml with the profile's values in the place of its own.

    Raises
    ------
    ParamsError
        A key of the profile is not in the text, or leads to other keys there; one line for each.
    """
    root = YAML(typ="safe", pure=True).compose(io.StringIO(text))
    edits: list[tuple[int, int, str]] = []
    faults: list[str] = []
    for path, value in leaves(profile.values):
        node = node_at(root, path)
        if node is None or isinstance(node, MappingNode):
            faults.append(f"{profile.where(path)}: {'.'.join(map(str, path))}: must be a value of {paths.PARAMS}")
        else:
            # JSON is YAML.
            edits.append((node.start_mark.index, node.end_mark.index, json.dumps(value)))
    if faults:
        raise ParamsError("\n".join(faults))
    for start, end, value in sorted(edits, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def leaves(values: Mapping[Any, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the path and the value of each key that leads to no further keys."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def node_at(root: Node, path: KeyPath) -> Node | None:
    """Return the node at a path of a YAML document, or None."""
    node: Node | None = root
    for key in path:
        found = [value for name, value in node.value if name.value == key] if isinstance(node, MappingNode) else []
        node = found[0] if found else None
    return node


if __name__ == "__main__":
    run(main)
