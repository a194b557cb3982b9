"""The fonts of reports on paper: which ones, pinned to their bytes, fetched once, and found by their path alone."""
