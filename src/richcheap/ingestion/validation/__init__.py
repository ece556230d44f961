"""The rules that each row must pass, and the counts of what passed and what did not."""

__all__ = ["counters", "cross_check", "currencies", "hidden_terms", "rules", "streaming_median", "validation_rules"]
