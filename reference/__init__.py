"""Writes the pages and files that follow from the code: the package's schema and the reference."""
