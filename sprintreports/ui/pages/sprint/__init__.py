"""One sprint on one board: figures, burndown, scope changes, breakdowns, issues."""
