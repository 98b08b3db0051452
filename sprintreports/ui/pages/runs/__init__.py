"""Every sync run: how it went, and what to do about it."""
