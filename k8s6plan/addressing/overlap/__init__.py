"""Prefixes that share addresses, and the smallest way out."""
