"""Params files that somebody edited badly: refused in lines that name the place, or read as DVC reads them, too.

A file is one of those that `richcheap params` writes, to which one to three things were done. What check lets through
must be what DVC's own reader reads of the same bytes, and must stay the same when `richcheap params` writes it anew.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random

from dvc.utils.serialize import parse_yaml

from benchmarks.promises.cases import Case, Options, Verdict
from benchmarks.promises.inputs.ingested import refusal
from dvc_parallel.system.yaml_source import Document, parse, read
from richcheap.params import all_sections, defaults, model_sections
from richcheap.pipeline.config.params_files import Params
from richcheap.pipeline.config.params_yaml import rendered
from richcheap.pipeline.config.sections import validate
from richcheap.pipeline.errors import ParamsError
from richcheap.pipeline.storage import paths

VALUES = (
    "null", "~", "", "true", "yes", "Off", "0", "-0", "-1", "1", "1.0", "1e3", "1e400", "-1e-400", ".inf", "-.inf",
    ".nan", "nan", "9" * 400, "0." + "9" * 400, "1" * 25, "0x7fffffffffffffff", "0o17", "017", "0b101", "1_000",
    "1:30", "1:30:15.5", "+5", ".5", "5.", "2024-02-29", "2023-02-29", "9999-12-31", "0000-00-00", "0001-01-01",
    "2024-01-01T25:00:00", "2024-01-01 10:00:00 +99:00", "10000-01-01", "2024-1-1", "text", "'text'", '"te\\u0000xt"',
    '"\\ud800"', '"\\x41"', "'", '"', "é", "\u202e", "\ufeff", "\x85", "[]", "{}", "[1, 2", "{a: 1", "[[[[]]]]",
    "[null]", "[[1], {a: 2}]", "{a: {b: {c: {d: 1}}}}", "{? [a, b] : c}", "{1: 2}", "{null: 1}", "{1.5: a, true: b}",
    "{2024-01-01: a}", "{a: 1, a: 2}", "&a 1", "&a [*a]", "*a", "&a {b: *a}", "&a [1, 2]", "[&b 1, *b, *b]", "!!str 5",
    "!!int '5'", "!!int x", "!!float x", "!!bool maybe", "!!null x", "!!binary AAAA", "!!binary ???",
    "!!timestamp 2024-13-01", "!!set {a, b}", "!!omap [a: 1]", "!!pairs [a: 1]", "!!map 5", "!!seq 5",
    "!!python/object/apply:os.system [ls]", "!unknown {a: 1}", "!<tag:yaml.org,2002:int> 7", "|\n  block\n   text",
    ">-\n  folded", "|9\n  x", "- a\n  - b", "%TAG", "@at", "`tick`", "<<", "[" * 60 + "]" * 60,
    "{a: " * 60 + "1" + "}" * 60, "[" * 3000, "x" * 100_000, "[" + "1, " * 20_000 + "1]", "/etc/passwd", "../../up",
    "training_data/no_terms.csv", "\u0660", "½", "१२", "0.1e", "1e", "--1", "1,000", "5 # five", "5#five", "a: b",
    "- 1", "? a", ": a",
)  # fmt: skip
BOMB = "a: &a [x, x, x, x, x, x, x]\n"
BOMB += "".join(f"{name}: &{name} [{', '.join(7 * [f'*{before}'])}]\n" for before, name in pairwise("abcdefgh"))
LINES = (
    "<<: {a: 1}", "<<: *gone", "<<: [1]", "base: &base {seed: 1}\n<<: *base", "unknown_section:\n  a: 1", "unknown: 1",
    "? [a]\n: 1", "---", "...", "--- {}\n", "%YAML 1.1", "%YAML 1.2\n---", "%YAML 9.9\n---", "\t tab: 1", "- item",
    "key", "'", "\x00", "\ufeff", "\u2028", "# comment", "data: {}", "data: null", "data: [1]", "models: 5",
    "models: {}", "models: {ml_adjuster: null}", "models: {no_such_model: {}}", "seed: {a: 1}", "1: 2", "true: 1",
    "null: 1", "1.5: x", "2024-01-01: x", "? {a: b}\n: c", "\u00e9t\u00e9: 1", "'': 1", "a.b: 1",
    "split.embargo_dates: 3", "__proto__: 1",
    BOMB,
)  # fmt: skip
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252")
MAIN = str(paths.PARAMS)


@cache
def sound() -> Mapping[str, str]:
    """Return the text of each params file with its defaults."""
    return defaults()


@cache
def _documents() -> Mapping[str, Document]:
    return {name: parse(text, name) for name, text in sound().items()}


def cases(options: Options) -> Iterator[Case]:
    """Yield mutated files, and each strange value and line once."""
    seeds = range(options.seed, options.seed + (300 if options.short else 4000))
    for seed in seeds:
        yield case(f"seed {seed}", *mutated(seed))
    for place, value in enumerate(() if options.short else VALUES):
        yield case(f"value {place}", MAIN, _with_value(sound()[MAIN], 30, value).encode(errors="surrogatepass"))
    for place, line in enumerate(() if options.short else LINES):
        yield case(f"line {place}", MAIN, f"{sound()[MAIN]}{line}\n".encode())


def mutated(seed: int) -> tuple[str, bytes]:
    """Return the name and the bytes of a file to which some things were done."""
    random = Random(seed)
    name = random.choice([MAIN, MAIN, *sound()])
    text = sound()[name]
    for _ in range(random.choice([1, 1, 1, 2, 3])):
        text = random.choice(DEEDS)(text, random)
    return name, text.encode(random.choice(ENCODINGS), errors="ignore")


def _value(text: str, random: Random) -> str:
    return _with_value(text, random.randrange(1 << 16), random.choice(VALUES))


def _with_value(text: str, place: int, value: str) -> str:
    """Put a value in the place of that of a line that has one."""
    lines = text.split("\n")
    keyed = [at for at, line in enumerate(lines) if ": " in line and not line.lstrip().startswith("#")]
    if keyed:
        at = keyed[place % len(keyed)]
        lines[at] = f"{lines[at].partition(': ')[0]}: {value}"
    return "\n".join(lines)


def _line(text: str, random: Random) -> str:
    lines = text.split("\n")
    indent = random.choice(["", "", "  ", "    ", " "])
    lines.insert(random.randrange(len(lines) + 1), indent + random.choice(LINES))
    return "\n".join(lines)


def _dropped(text: str, random: Random) -> str:
    lines = text.split("\n")
    del lines[random.randrange(len(lines))]
    return "\n".join(lines)


def _doubled(text: str, random: Random) -> str:
    lines = text.split("\n")
    lines.insert(random.randrange(len(lines)), random.choice(lines))
    return "\n".join(lines)


def _indented(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    lines[at] = random.choice([f" {lines[at]}", lines[at].lstrip(), f"\t{lines[at]}"])
    return "\n".join(lines)


def _marks(text: str, random: Random) -> str:
    at = random.randrange(len(text) + 1)
    mark = random.choice("'\"[]{}:,&*!|>#%@`-?\n\t \\\x00\x07\x85\u2028é0e.")
    return text[:at] + mark + text[at + random.choice([0, 0, 1, 3]) :]


def _cut(text: str, random: Random) -> str:
    return text[: random.randrange(len(text) + 1)]


DEEDS: tuple[Callable[[str, Random], str], ...] = (
    _value,
    _value,
    _value,
    _value,
    _line,
    _dropped,
    _doubled,
    _indented,
    _marks,
    _cut,
)


def case(name: str, file: str, content: bytes) -> Case:
    """Check params files of which one has this content."""
    path = Path(file)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    name = f"{name}, {file}"
    try:
        documents = {**_documents(), file: read(path)}
        validate(Params(tuple(documents.values())), all_sections(), optional=model_sections())
        wrong = _differences(file, content, documents)
    except ParamsError as error:
        return refusal(name, str(error), "params")
    except BaseException as error:  # noqa: BLE001  whatever comes is a traceback to a user
        return Case(name, Verdict.FAILED, f"{type(error).__name__}: {str(error)[:300]}")
    return Case(name, Verdict.FAILED if wrong else Verdict.RIGHT, wrong)


def _differences(file: str, content: bytes, documents: Mapping[str, Document]) -> str:
    """Say what is wrong with params that check lets through; nothing when nothing is."""
    text = content.decode()
    by_dvc = parse_yaml(text, file)
    if by_dvc != documents[file].values:
        return f"DVC reads {by_dvc}, we read {documents[file].values}"
    texts = {**sound(), file: text}
    anew = rendered(all_sections(), texts, MAIN)
    kept = Params(tuple(parse(one, name) for name, one in anew.items())).values
    if kept != Params(tuple(documents.values())).values:
        return "`richcheap params` does not keep what was set"
    return ""
