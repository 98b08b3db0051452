"""OAuth clients, their codes, signing keys and API keys."""
