"""Queues as they are kept: drafts that people edit together, versions that never change, and what becomes of them."""
