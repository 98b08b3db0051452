"""Sprint Reports: sprints, their numbers and their plans, read from Jira."""

__version__ = "0.1.0"
