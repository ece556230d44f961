"""Models of prices: a folder each, and in `common` what they share.

How they are scored, varied and watched lies in `evaluation`, `tuning` and `drift`; files are the stages' business.
"""

__all__ = [
    "advanced_ml_adjuster",
    "automl",
    "bayesian_optimizer",
    "common",
    "enhanced_ml_adjuster",
    "ml_adjuster",
    "registry",
    "ridge",
]
