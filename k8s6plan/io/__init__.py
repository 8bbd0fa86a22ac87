"""Files and texts: YAML with its lines, files that are whole or not at all, addresses as text."""
