"""Doors to what is outside: YAML with its lines, files, addresses as text, the solver."""
