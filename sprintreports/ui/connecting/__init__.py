"""Connecting a Jira, step by step: used by the first-run wizard and by the pages of sites alike."""
