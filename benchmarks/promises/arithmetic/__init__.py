"""Kinds of cases of the suite of numbers: bonds against published rules and QuantLib, and markets; no case of files."""
