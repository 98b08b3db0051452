"""Door one: REST v1."""
