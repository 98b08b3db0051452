"""A sprint queue as a board of teams, edited by hand and by several people at once."""
