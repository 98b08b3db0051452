"""One team: its members, its month, its calendar and what it stands for in Jira."""
