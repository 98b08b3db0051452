"""Signing in with a local account."""
