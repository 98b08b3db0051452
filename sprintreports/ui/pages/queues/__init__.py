"""A sprint's queues: which there are, what became of them, and how a new one begins."""
