"""All active sprints at a glance."""
