"""From the database to what the queue's arithmetic takes: candidates, limits, people, working time."""
