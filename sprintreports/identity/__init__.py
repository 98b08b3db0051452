"""Who asks, and what they may do: users, sessions, tokens, roles."""
