"""A stored queue as a file: a function of the queue and of the names that its numbers stand for, nothing else."""
