"""Schedules: what is done by itself, when, and what became of it; the form of one."""
