"""What knows nothing of sprints."""
