"""Arithmetic over facts: no database, no clock, no network, no framework."""
