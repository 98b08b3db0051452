"""The browser door: pages, their thin states, and the guard in front of every event."""
