"""Has the market moved away from what the models learned? Tests, scores, and when a variation is accepted."""
