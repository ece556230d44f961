"""The rules that each row must pass, and the counts of what passed and what did not."""
