"""How a run is shown: on a terminal, in a log, as a table or JSON."""
