"""Logs and counters that everything above may use."""
