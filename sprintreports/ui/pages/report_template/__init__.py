"""One report template: its parts, text of one's own, a preview with real data, and its versions."""
