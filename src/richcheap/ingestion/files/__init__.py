"""Open files of any kind as tables of text or typed columns. What a column means stands in `reading`."""
