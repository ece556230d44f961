"""What is promised, put to the test: suites of cases, each a command, and the page that shows their last figures.

Each suite prints a table and exits with 1 when a case failed: ``python -m benchmarks.promises.faults``. ``--short`` is
the part that CI runs; ``--write`` keeps the figures in docs/promises/. ``python -m benchmarks.promises.page`` puts all
kept figures into docs/promises.md.
"""
