"""Baselines: states of sprints that were kept, a new one by hand, two of them compared."""
