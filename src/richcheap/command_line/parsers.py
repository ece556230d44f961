"""What each command takes."""

from argparse import ArgumentTypeError
from pathlib import Path

from dvc_parallel.system.command_line import Parser, count

ORIGINS = ("observations", "terms", "curve")
"""What may be fetched; as `richcheap.ingestion.params` has it, which takes half a second to import."""

SHELLS = ("bash", "zsh", "fish")


def path_here(text: str) -> Path:
    """Return a path of this machine."""
    if "://" in text:
        raise ArgumentTypeError(f"expected a path here, got '{text}'; `richcheap fetch` copies it to here first")
    return Path(text)


def compare() -> Parser:
    """Return the parser of ``richcheap compare``."""
    about = "Compare the result in the working folder with that of another revision; refuse a champion that got worse."
    codes = "Exit code 0: no worse than compare.max_worse_percent allows; 1: worse, or nothing to compare; 2: misused."
    made = Parser(f"{about} {codes}", "richcheap compare")
    made.add_argument("revision", metavar="REV", help="git branch, tag or commit, for instance main")
    made.add_argument("now", metavar="NOW", nargs="?", help="compare this revision, by default the working folder")
    return made


def experiments() -> Parser:
    """Return the parser of ``richcheap experiments``."""
    about = "List experiments on one screen: champion, its error, and the params in which they differ."
    more = "All other options are those of `dvc exp show`: --md, --csv, -A, -n NUMBER, --rev REV, --sort-by NAME ..."
    made = Parser(f"{about}\n{more}", "richcheap experiments")
    made.add_argument("--errors", action="store_true", help="show each model's error, too, where it differs")
    return made


def anchor() -> Parser:
    """Return the parser of ``richcheap anchor``."""
    about = "Write the last date of each block, as it stands, into params.yaml: later dates become the live block."
    made = Parser(about, "richcheap anchor")
    made.add_argument("--release", action="store_true", help="split by shares again, to train on all dates there are")
    return made


def update() -> Parser:
    """Return the parser of ``richcheap update``."""
    about = "Take in new files of observations, run what is stale, and say how the live dates have fared."
    made = Parser(about, "richcheap update")
    made.add_argument("files", metavar="FILE", type=Path, nargs="*", help="file to put into the folder of observations")
    made.add_argument("-j", "--jobs", type=count, metavar="N", help="stages side by side, as `richcheap run` takes it")
    return made


def completion() -> Parser:
    """Return the parser of ``richcheap completion``."""
    about = "Print a script by which a shell completes commands and options; docs/commands.md says where it goes."
    made = Parser(about, "richcheap completion")
    made.add_argument("shell", metavar="SHELL", choices=SHELLS, help=", ".join(SHELLS))
    return made


def new() -> Parser:
    """Return the parser of ``richcheap new``."""
    about = "Make a project in a new or empty folder: its params, its pipeline, and all that git and DVC need."
    made = Parser(about, "richcheap new")
    made.add_argument("folder", metavar="FOLDER", type=Path, help="new, or empty but for .git and .venv")
    return made


def upgrade() -> Parser:
    """Return the parser of ``richcheap upgrade``."""
    about = "Bring dvc.yaml, stages/ and the other files of a project up to date with the installed version."
    made = Parser(about, "richcheap upgrade")
    made.add_argument("--force", action="store_true", help="overwrite what you have edited as well")
    return made


def params() -> Parser:
    """Return the parser of ``richcheap params``."""
    about = "Write params.yaml and params/ anew: values are kept; comments, order and new keys are those of the code."
    made = Parser(about, "richcheap params")
    made.add_argument("--check", action="store_true", help="change nothing; exit code 1 where a file would change")
    return made


def plots() -> Parser:
    """Return the parser of ``richcheap plots``."""
    about = "Let `dvc plots show` and `dvc plots diff` draw without a network, from now on in this copy of the project."
    return Parser(about, "richcheap plots")


def price() -> Parser:
    """Return the parser of ``richcheap price``."""
    about = "Price a list of bonds: identifiers alone for bonds of the data, terms for others, with or without a price."
    codes = "Exit code 0: every line is answered, with a price or a reason; 1: the list or the project cannot be used."
    made = Parser(f"{about} {codes}", "richcheap price")
    made.add_argument("bonds", metavar="BONDS", type=Path, help="file of bonds, of any kind that is read")
    made.add_argument("--as-of", metavar="DATE", help="such as 2024-03-01; by default the last date of the data")
    made.add_argument("-o", "--out", metavar="OUT", type=Path, help="file to write, such as prices.csv or .parquet")
    return made


def fetch() -> Parser:
    """Return the parser of ``richcheap fetch``."""
    about = "Copy observations, terms or a curve from an object store, a web server or a database to here."
    codes = "Exit code 0: the copies are as the sources; 1: one differs (--check) or cannot be had; 2: misused."
    made = Parser(f"{about} {codes}", "richcheap fetch")
    made.add_argument(
        "url", metavar="URL", nargs="?", help="s3://, gs://, https://, postgresql://, sqlite:///, duckdb:///"
    )
    made.add_argument("--query", metavar="SQL", help="of a database: what is fetched; ORDER BY makes its order one")
    made.add_argument("--as", metavar="NAME", dest="name", choices=ORIGINS, help=f"what it is: {', '.join(ORIGINS)}")
    made.add_argument("--check", action="store_true", help="fail if a source differs from its copy; write nothing")
    return made


def inspect() -> Parser:
    """Return the parser of ``richcheap inspect``."""
    about = "Look at a file or folder of bond observations: what it is, how its columns are read, and what is not sure."
    codes = "Exit code 0: rows would be accepted; 1: the file cannot be read so, or no row is accepted; 2: misused."
    made = Parser(f"{about} {codes}", "richcheap inspect")
    made.add_argument("file", metavar="FILE", type=path_here, help="file, or folder of files, of any kind that is read")
    made.add_argument("--terms", metavar="TERMS", type=path_here, help="file of the bonds' terms, a row for each bond")
    made.add_argument("--write", action="store_true", help="put the proposal into params.yaml and params/")
    return made
