"""Somebody's own page."""
