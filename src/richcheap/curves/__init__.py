"""Zero curves, and bonds priced on them. No spread is estimated here."""
