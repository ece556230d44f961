"""What the commands take. DVC, which takes half a second to import, is not needed for that."""

from dvc_parallel.system import program
from dvc_parallel.system.command_line import Parser, count


def run() -> Parser:
    """Return the parser of ``run``."""
    about = "Bring stages up to date, side by side, as `dvc repro` would one after another."
    made = Parser(about, f"{program.name} run")
    made.add_argument("targets", nargs="*", metavar="TARGET", help="stages, with all before them; default: all")
    made.add_argument("-j", "--jobs", type=count, metavar="N", help="stages side by side at most; default: cores")
    made.add_argument("-k", "--keep-going", action="store_true", help="go on with what does not need a failed stage")
    made.add_argument("-f", "--force", action="store_true", help="run stages that are up to date, too")
    made.add_argument("-F", "--force-targets", action="store_true", help="run the targets, above them what is stale")
    made.add_argument("-p", "--pull", action="store_true", help="fetch results from the default remote, not run anew")
    made.add_argument("-n", "--dry-run", action="store_true", help="say what would run and how long, change nothing")
    made.add_argument("-w", "--wait", action="store_true", help="wait for another run in this workspace to end")
    made.add_argument("--json", action="store_true", help="print the result for machines on standard output")
    return made


def status() -> Parser:
    """Return the parser of ``status``."""
    about = "Tell which stages would run, and why. Exit code 0: none; 1: some; 2: a mistake, in one line."
    made = Parser(about, f"{program.name} status")
    made.add_argument("targets", metavar="TARGET", nargs="*", help="stages, with all above them; none: all stages")
    made.add_argument("--json", action="store_true", help="print a list of stages with their reasons")
    return made
