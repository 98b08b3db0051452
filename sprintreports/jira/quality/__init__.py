"""What makes a board's numbers doubtful: one small value a check, found by set-based SQL over facts and issues."""
