"""A report: its document with all sections, files of it, links to it, and what becomes of it in the library."""
