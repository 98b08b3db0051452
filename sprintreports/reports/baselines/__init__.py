"""States of sprints that are kept unchanged for good: taken, listed, read, and let go by rule."""
