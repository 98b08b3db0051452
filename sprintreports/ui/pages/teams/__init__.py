"""All teams: a list to search, and the values of Jira that no team stands for yet."""
