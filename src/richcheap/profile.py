"""Set many params at once: write the values of a profile into params files, where all else stays as it is.

    python -m richcheap.profile profiles/hour.yaml

It is no stage of the pipeline: like an editor, it changes params files, and git shows what.
"""

import json
from collections.abc import Iterator, Mapping
from difflib import SequenceMatcher
from pathlib import Path

from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from dvc_parallel.system.command_line import Parser
from dvc_parallel.system.yaml_source import Document, KeyPath, nodes_and_values, read
from richcheap.pipeline.config.params_files import leaves, params_texts
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.execution.stage_main import run
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import write_text


def main() -> None:
    """Write the values of the profile named on the command line into params files, and say which changed."""
    parser = Parser(__doc__)
    parser.add_argument("file", metavar="FILE", type=Path, help="profile, for instance profiles/hour.yaml")
    for name, before, after in apply(read(parser.parse_args().file)):
        for number, old, new in differing_lines(before, after):
            print(f"{name}:{number}: {old} -> {new}")


def apply(profile: Document, project: Path = Path()) -> list[tuple[str, str, str]]:
    """Write a profile's values into the params files of a project; return name, old and new text of those that changed.

    Raises
    ------
    ParamsError
        As `applied` has it, or there is no params.yaml; then nothing is written.
    """
    before = params_texts(project)
    after = applied(before, profile)
    changed = [(name, text, after[name]) for name, text in before.items() if after[name] != text]
    for name, _, text in changed:
        write_text(text, project / name)
    return changed


def applied(texts: Mapping[str, str], profile: Document) -> dict[str, str]:
    """Return the text of each params file with the profile's values in the place of its own.

    Raises
    ------
    ParamsError
        A key of the profile is in no file, or leads there to other keys or a list with dashes; one line for each.
    """
    roots = {name: nodes_and_values(text, name)[0] for name, text in texts.items()}
    edits: list[tuple[str, int, int, str]] = []
    faults: list[str] = []
    for path, value in leaves(profile.values):
        reported = f"{profile.where(path)}: {'.'.join(map(str, path))}"
        found = {name: node for name, root in roots.items() if (node := node_at(root, path)) is not None}
        name, node = next(iter(found.items()), ("", None))
        if node is None or isinstance(node, MappingNode):
            faults.append(f"{reported}: must be a value of {paths.PARAMS} or {paths.PARAMS_FOLDER}/")
        elif isinstance(node, SequenceNode) and not node.flow_style:
            place = f"{name}:{node.start_mark.line + 1}"
            faults.append(f"{reported}: is a list with dashes in {place}; change it there, or write it in brackets")
        else:
            start, end = node.start_mark.index, node.end_mark.index
            text = json.dumps(value, default=str)  # JSON is YAML; a date is text in it
            if start == end:  # no value stands there, which is null: the node lies beyond the line's comment
                start = end = texts[name].rindex(f"{path[-1]}:", 0, start) + len(f"{path[-1]}:")
                text = f" {text}"
            edits.append((name, start, end, text))
    if faults:
        raise ParamsError("\n".join(faults))
    after = dict(texts)
    for name, start, end, value in sorted(edits, reverse=True):
        after[name] = after[name][:start] + value + after[name][end:]
    return after


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


def node_at(root: Node | None, path: KeyPath) -> Node | None:
    """Return the node at a path of a YAML document, or None."""
    node = root
    for key in path:
        found = [value for name, value in node.value if name.value == key] if isinstance(node, MappingNode) else []
        node = found[0] if found else None
    return node


if __name__ == "__main__":
    run(main)
