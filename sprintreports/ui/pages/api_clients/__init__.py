"""Programs that use the REST API: for admins."""
