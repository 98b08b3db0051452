"""Teams, capacity and the sprint queue: what a sprint can hold, and what goes into it."""
