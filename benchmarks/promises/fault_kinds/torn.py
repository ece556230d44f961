"""Files of a run that were torn or changed: cut, emptied, a bit flipped, another's in their place, removed."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from ruamel.yaml import YAML

from benchmarks.promises.cases import Case, Kind, Options, Verdict
from benchmarks.promises.determinism import copy, different, remove
from benchmarks.promises.fault_kinds.workspace import Copy, called, command_line, said, targets, unclear

Damage = Callable[[Path, random.Random, Path], None]


def _cut(file: Path, chance: random.Random, _other: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: chance.randrange(1, max(2, len(content)))])


def _emptied(file: Path, _chance: random.Random, _other: Path) -> None:
    file.write_bytes(b"")


def _flipped(file: Path, chance: random.Random, _other: Path) -> None:
    content = bytearray(file.read_bytes())
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    file.write_bytes(content)


def _replaced(file: Path, _chance: random.Random, other: Path) -> None:
    file.write_bytes(other.read_bytes())


def _removed(file: Path, _chance: random.Random, _other: Path) -> None:
    file.unlink()


DAMAGES: Final[Mapping[str, Damage]] = {
    "cut": _cut,
    "emptied": _emptied,
    "a bit flipped": _flipped,
    "another's in its place": _replaced,
    "removed": _removed,
}
INPUTS: Final = 2
"""Of a stage that are damaged."""
CODE: Final = Path(__file__)
"""What stands in the place of a file that has no other beside it."""
UNREAD: Final = {"training_data/params_checked.txt"}
"""Dependencies that only order stages: nothing of them is read."""


def read_by_hand(options: Options) -> Iterator[Case]:
    """Damage each file that a stage reads and another has made, and run the stage that reads it by hand."""
    chance, place = random.Random(options.seed), Copy(options, "torn inputs")
    for stage, inputs in _inputs(place, chance).items():
        for path in inputs:
            for name in (
                [chance.choice(list(DAMAGES)[:-1])] if options.short else [chance.choice(list(DAMAGES)[:4]), "removed"]
            ):
                file = _damage(place, path, name, inputs, chance)
                case = place.judged(
                    f"{stage} reads {file.relative_to(place.folder)}, {name}", stage, done := place.run(stage)
                )
                noticed = done.returncode != 0 or name == "removed" or path in UNREAD
                yield case if noticed else case._replace(verdict=Verdict.FAILED, detail="nothing was noticed")
                _put_back(place, path, stage)
    place.close()


def read_without_records(options: Options) -> Iterator[Case]:
    """The same where no dvc.lock says what the file was: one that is cut must be refused for what it is."""
    chance, place = random.Random(options.seed), Copy(options, "torn without records")
    (place.folder / "dvc.lock").unlink()
    for stage, inputs in _inputs(place, chance).items():
        for path in inputs[:1] if options.short else inputs:
            name = chance.choice(["cut", "emptied"])
            file = _damage(place, path, name, inputs, chance)
            done = place.run(stage)
            label = f"{stage} reads {file.relative_to(place.folder)}, {name}"
            fault = unclear(done)
            verdict = Verdict.FAILED if fault else Verdict.REFUSED if done.returncode else Verdict.RIGHT
            yield Case(label, verdict, fault)
            _put_back(place, path, stage)
    place.close()


def own_outputs(options: Options) -> Iterator[Case]:
    """Damage what a stage has made and takes up again, and run it by hand: it makes it anew."""
    chance, place = random.Random(options.seed), Copy(options, "own outputs")
    persist = _persisting(place.folder)
    for stage, found in place.stages.items():
        for out in [out for out in found.outs if out in persist]:
            for name in chance.sample(list(DAMAGES), 1 if options.short else 2):
                file = _damage(place, out, name, found.outs, chance)
                yield place.judged(f"{stage}, {file.relative_to(place.folder)} {name}", stage, place.run(stage))
                place.restore(stage)
    place.close()


def run_again(options: Options) -> Iterator[Case]:
    """Damage an output of every stage at once, and let the runner bring the project up to date."""
    chance, place = random.Random(options.seed), Copy(options, "run again")
    for name in chance.sample(list(DAMAGES), 1 if options.short else 2):
        damaged = {}
        for stage, found in place.stages.items():
            out = chance.choice(found.outs)
            file = _damage(place, out, name, found.outs, chance)
            damaged[stage] = file.relative_to(place.folder)
        done = called(command_line("run", *targets(options.short)), place.folder)
        fault = unclear(done) or (said(done) if done.returncode else "")
        for stage, file in damaged.items():
            outs = [*place.stages[stage].outs, "dvc.lock"]
            wrong = [out for out in outs if any(different(place.reference.folder / out, place.folder / out))]
            verdict = Verdict.FAILED if wrong or fault else Verdict.RIGHT
            yield Case(f"{file} {name}", verdict, fault or f"differs: {', '.join(wrong)}")
        place.restore()
    place.close()


def _damage(place: Copy, path: str, name: str, others: Sequence[str], chance: random.Random) -> Path:
    """Damage a file at or below a path, maybe by one of the others, and return it."""
    file = _drawn(place.folder / path, chance)
    DAMAGES[name](file, chance, _drawn(place.folder / chance.choice(others), chance, file))
    return file


def _put_back(place: Copy, path: str, stage: str) -> None:
    """Put an input and the outputs of a stage back as the reference has them."""
    remove(place.folder / path)
    copy(place.reference.folder / path, place.folder / path)
    place.restore(stage)


def _inputs(place: Copy, chance: random.Random) -> dict[str, list[str]]:
    """Draw of what each stage reads and another has made, as dvc.lock has both."""
    recorded = YAML(typ="safe", pure=True).load(place.reference.folder / "dvc.lock")["stages"]
    made = [out for stage in place.stages.values() for out in stage.outs]

    def read(stage: str) -> list[str]:
        deps = [dep["path"] for dep in recorded[stage].get("deps", [])]
        return [out for out in made if any(out == dep or out.startswith(f"{dep}/") for dep in deps)]

    found = {stage: read(stage) for stage in place.stages}
    return {stage: sorted(chance.sample(outs, min(INPUTS, len(outs)))) for stage, outs in found.items() if outs}


def _persisting(folder: Path) -> set[str]:
    """Return the outputs that are kept when their stage runs again."""
    described = YAML(typ="safe", pure=True).load(folder / "dvc.yaml")["stages"]
    outs = [out for stage in described.values() for out in stage.get("outs", []) if isinstance(out, dict)]
    return {path for out in outs for path, settings in out.items() if settings.get("persist")}


def _drawn(path: Path, chance: random.Random, other_than: Path | None = None) -> Path:
    """Draw a file that is not empty below a path; another than one if there is another."""
    files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    able = [file for file in files if file.is_file() and file != other_than and file.stat().st_size]
    return chance.choice(able or [CODE if other_than in files else files[0]])


KINDS: Final = (
    Kind(
        "torn inputs",
        "A stage that is run by hand notices every file that has changed since the stage above wrote it.",
        read_by_hand,
    ),
    Kind(
        "torn inputs, no records",
        "Where nothing says what a file was, one that is cut or empty is told in one line.",
        read_without_records,
    ),
    Kind(
        "torn outputs, by hand",
        "What a stage finds of its own from before and is not what it wrote is made anew.",
        own_outputs,
    ),
    Kind("torn outputs, by the runner", "`richcheap run` makes every changed output anew, to the byte.", run_again),
)
