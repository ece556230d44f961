"""A bond market with known truth."""
