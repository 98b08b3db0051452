"""Closed sprints beside Jira's own sprint reports."""
