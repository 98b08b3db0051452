"""What one was told, and where one acts on it."""
