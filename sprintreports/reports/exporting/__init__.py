"""Files that people have made of reports: asked for, written in the background, kept for a day."""
