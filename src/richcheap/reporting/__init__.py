"""The report: frames and mappings in, one self-contained page out."""
