"""The reports that people keep: found by name and tag, shared by link, exported."""
