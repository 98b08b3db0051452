"""What a board completes in a sprint, and how reliably."""
