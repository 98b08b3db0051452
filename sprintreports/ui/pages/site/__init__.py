"""One Jira: connection, boards, fields, sync."""
