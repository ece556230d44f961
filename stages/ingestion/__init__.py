"""Reading, mapping and validating files of bond observations and benchmark curves."""
