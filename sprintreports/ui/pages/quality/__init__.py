"""What makes the numbers doubtful, and what to do about it in Jira."""
