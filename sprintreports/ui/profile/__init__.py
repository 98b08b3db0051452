"""The parts of somebody's own page: about them, their security, their API keys. Each loads itself."""
