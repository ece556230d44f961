"""Look at a file of bond observations, and propose how to read it; with --write, put that into the params.

    richcheap inspect prices.xlsx --write

It is no stage of the pipeline: it shows what was found and ten rows as they would be read, and lists what is not sure.
"""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ruamel.yaml.nodes import CollectionNode, MappingNode, Node

from dvc_parallel.system.yaml_source import nodes_and_values
from richcheap.command_line import parsers
from richcheap.ingestion.errors import InputError
from richcheap.ingestion.inspection.look import RESET, Look, look, prices_are_per_1000
from richcheap.ingestion.inspection.page import page, written
from richcheap.ingestion.inspection.proposal import Proposal, propose
from richcheap.ingestion.params import DataParams
from richcheap.pipeline.config.fields import is_user_key
from richcheap.pipeline.config.params_files import params_texts, read_params
from richcheap.pipeline.errors import DataError, ParamsError
from richcheap.pipeline.storage.artifacts import write_text
from richcheap.profile import node_at

SECTION = "data"
NO_TERMS = "training_data/no_terms.csv"
"""A file of terms without rows, which DVC can depend on where null is no file."""


def main(arguments: Sequence[str]) -> None:
    """Print what was found, and write it into the params when that is asked for.

    Raises
    ------
    DataError
        The file cannot be read, or no row of it would be accepted.
    """
    asked = parsers.inspect().parse_args(arguments)
    base = read_params(section=SECTION).values.get(SECTION)
    try:
        with TemporaryDirectory(prefix="richcheap-") as folder:
            proposal = propose(asked.file, Path(folder), asked.terms)
            try:
                seen = settled(proposal, base if isinstance(base, Mapping) else {}, Path(folder))
            except InputError as error:
                raise InputError("\n".join([*proposal.notes, *proposal.doubts, str(error)])) from error
    except InputError as error:
        raise DataError(str(error)) from error
    print(page(proposal, seen))
    if asked.write:
        changed = write({**RESET, "terms": NO_TERMS, **proposal.params})
        print(f"\nwritten to {' and '.join(changed)}", file=sys.stderr)
    if not seen.bonds.height:
        raise DataError(f"{asked.file}: no row would be accepted; the list above names the keys that can settle it")


def settled(proposal: Proposal, base: Mapping[str, Any], folder: Path) -> Look:
    """Look at the file; where its own figures tell what it does not say, put that into the proposal and look again."""
    seen = look(proposal, base, folder)
    if prices_are_per_1000(seen):
        proposal.params["constants"] = {**proposal.params.get("constants", {}), "face_value": "1000"}
        proposal.doubts.append(
            "prices are about 1,000, and no column says of what face value: they are taken to be of 1,000; "
            "data.constants: {face_value: 1000} can say otherwise, or data.price_unit"
        )
        seen = look(proposal, base, folder)
    remedies = [one for one in seen.compared if one.remedy]
    if not remedies:
        return seen
    first = remedies[0]
    for key, value in first.remedy.items():
        held = proposal.params.get(key)
        proposal.params[key] = {**held, **value} if isinstance(held, Mapping) else value
    proposal.notes.append(f"the file's own {first.name} tells it: {first.cause}")
    return look(proposal, base, folder)


def write(values: Mapping[str, Any]) -> list[str]:
    """Write values of the section ``data`` into the params files; return the names of those that changed.

    A key is written where it stands, and one that stands nowhere into the file that it belongs to.

    Raises
    ------
    ParamsError
        A file cannot be read, or has no section ``data``.
    """
    params, texts = read_params(section=SECTION), params_texts()
    shares: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        holders = (held.name for held in params.documents if (SECTION, key) in held.lines)
        home = next(holders, params.file((SECTION,), is_user_key(DataParams.model_fields[key])))
        shares.setdefault(home, {})[key] = value
    after = {name: with_data(texts.get(name, ""), share, name) for name, share in shares.items()}
    changed = [name for name, text in after.items() if texts.get(name) != text]
    for name in changed:
        write_text(after[name], Path(name))
    return changed


def with_data(text: str, values: Mapping[str, Any], name: str) -> str:
    """Return the text of a params file with other values in its section ``data``, and all else as it is.

    A key that the section does not have comes at its end.

    Raises
    ------
    ParamsError
        There is no section ``data``.
    """
    root, _ = nodes_and_values(text, name)
    section = node_at(root, (SECTION,))
    if not isinstance(section, MappingNode) or not section.value:
        raise ParamsError(f"{name}: {SECTION}: must be a mapping of keys, as docs/data.md has them")
    held = {key.value: (key.end_mark.index, _end(value)) for key, value in section.value}
    edits = [(*held[key], f": {written(value)}") for key, value in values.items() if key in held]
    new = "".join(f"\n  {key}: {written(value)}" for key, value in values.items() if key not in held)
    last = _end(section)
    for start, end, value in sorted([*edits, (last, last, new)], reverse=True):
        text = text[:start] + value + text[end:]
    return text


def _end(node: Node) -> int:
    """Return where the text of a value ends; a block's own mark lies behind the comments after it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)
