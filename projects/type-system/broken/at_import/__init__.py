"""Mistakes that flytekit reports when Python imports the file. Each mistake has its own file."""
