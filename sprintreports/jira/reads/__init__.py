"""What pages and REST read: the access rule first, then facts. Rows are values, never ORM objects."""
