"""A bond market with known truth: curve, credit, universe and trading."""
