"""From files of observations and benchmark curves to the canonical tables and a quarantine."""
