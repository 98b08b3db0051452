"""The library of reports: found again by words, kind, board and tag, and the form of a new one."""
