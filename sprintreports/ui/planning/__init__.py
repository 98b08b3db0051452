"""What the pages of teams and of capacity have in common: rights, fields, figures as text."""
