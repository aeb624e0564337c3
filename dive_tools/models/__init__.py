"""Models that are asked: one protocol (`base.py`), a table of names (`table.py`), and a file per backend."""
