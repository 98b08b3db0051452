"""What is kept about people in Jira: shown, and taken away so that every number stays as it is."""
