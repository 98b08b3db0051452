"""Everybody who has an account."""
