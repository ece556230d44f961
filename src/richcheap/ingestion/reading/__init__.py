"""Read files and turn their text into typed columns. What a value must satisfy stands in `validation`."""
