"""The sprint queue: who does what in which order, what fits, and why. Pure: values in, a frozen Queue out."""
