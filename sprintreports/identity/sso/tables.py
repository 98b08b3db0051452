"""Identity providers, and sign-ins with them that are under way."""
