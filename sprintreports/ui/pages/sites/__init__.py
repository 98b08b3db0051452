"""The Jiras that we are connected to."""
