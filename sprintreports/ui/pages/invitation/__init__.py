"""What opens behind a one-time link."""
