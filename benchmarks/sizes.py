"""What every benchmark's command line has: ``--small``, a run of tiny sizes that shows that the benchmark works."""

import argparse
import sys

SMALL = "tiny sizes, to see that it works; its figures mean nothing"


def parse(parser: argparse.ArgumentParser, **small: object) -> argparse.Namespace:
    """Read the command line.

    Parameters
    ----------
    parser : ArgumentParser
    small : object
        Defaults that ``--small`` puts in the place of the parser's own; what the command line gives counts before both.
    """
    parser.add_argument("--small", action="store_true", help=SMALL)
    if "--small" in sys.argv[1:]:
        parser.set_defaults(**small)
    return parser.parse_args()
