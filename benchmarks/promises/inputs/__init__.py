"""Kinds of cases of the suite of bad input: files, params, and what is done to them; no case of bond arithmetic."""
