"""Webhooks of one Jira: what to enter there, and what came."""
