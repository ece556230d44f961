"""What models share: the estimator, walk-forward splits, searches, target spaces, shrinkage."""
