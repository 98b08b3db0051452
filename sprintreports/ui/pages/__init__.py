"""One folder a page: page.py reads as a table of contents, state.py is thin. Pages do not know each other."""
