"""Who was erased, and their names taken out of whatever Jira sends before it is stored."""
