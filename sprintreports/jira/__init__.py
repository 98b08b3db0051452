"""Jira: its tables, its client, what is read from it and how that is kept true."""
