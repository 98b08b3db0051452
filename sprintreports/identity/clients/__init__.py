"""Programs that use the REST API: OAuth clients and API keys."""
