"""How it is shown: words, the sheet, pictures and the report."""
