"""Timings of whole processes, as ratios between two commands of one run: ``make bench``."""
