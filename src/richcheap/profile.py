"""Set many params at once: write the values of a profile into params.yaml, where all else stays as it is.

    python -m richcheap.profile profiles/hour.yaml

It is no stage of the pipeline: like an editor, it changes params.yaml, and git shows what.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from dvc_parallel.system.yaml_source import Document, KeyPath, nodes_and_values, read, read_text
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.stage_main import Parser, run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text


def main() -> None:
    """Write the values of the profile named on the command line into params.yaml, and say which changed."""
    parser = Parser(__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="profile, for instance profiles/hour.yaml")
    profile, text = read(parser.parse_args().file), read_text(paths.PARAMS)
    changed = applied(text, profile)
    write_text(changed, paths.PARAMS)
    for number, old, new in differing_lines(text, changed):
        print(f"{paths.PARAMS}:{number}: {old} -> {new}")


def applied(text: str, profile: Document) -> str:
    """Return the text of params.yaml with the profile's values in the place of its own.

    Raises
    ------
    ParamsError
        A key of the profile is not in the text, or leads there to other keys or a list with dashes; one line for each.
    """
    root, _ = nodes_and_values(text, str(paths.PARAMS))
    edits: list[tuple[int, int, str]] = []
    faults: list[str] = []
    for path, value in leaves(profile.values):
        node = node_at(root, path)
        if node is None or isinstance(node, MappingNode):
            faults.append(f"{profile.where(path)}: {'.'.join(map(str, path))}: must be a value of {paths.PARAMS}")
        elif isinstance(node, SequenceNode) and not node.flow_style:
            line = node.start_mark.line + 1
            faults.append(
                f"{profile.where(path)}: {'.'.join(map(str, path))}: is a list with dashes in "
                f"{paths.PARAMS}:{line}; change it there, or write it in brackets"
            )
        else:
            # JSON is YAML; a date is text in it.
            edits.append((node.start_mark.index, node.end_mark.index, json.dumps(value, default=str)))
    if faults:
        raise ParamsError("\n".join(faults))
    for start, end, value in sorted(edits, reverse=True):
        text = text[:start] + value + text[end:]
    return text


def differing_lines(before: str, after: str) -> Iterator[tuple[int, str, str]]:
    """Yield the number of each line that differs, what it was and what it is; a list may have stood on several."""
    old, new = before.splitlines(), after.splitlines()
    for _, start, stop, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = (list(map(str.strip, lines)) for lines in (old[start:stop], new[first:last]))
        if len(was) != len(now):
            was, now = [" ".join(was)], [" ".join(now)]
        for number, (one, other) in enumerate(zip(was, now, strict=True), start=start + 1):
            if one != other:
                yield number, one, other


def leaves(values: Mapping[Any, Any], above: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Yield the path and the value of each key that leads to no further keys."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from leaves(value, (*above, key))
        else:
            yield (*above, key), value


def node_at(root: Node | None, path: KeyPath) -> Node | None:
    """Return the node at a path of a YAML document, or None."""
    node = root
    for key in path:
        found = [value for name, value in node.value if name.value == key] if isinstance(node, MappingNode) else []
        node = found[0] if found else None
    return node


if __name__ == "__main__":
    run(main)
