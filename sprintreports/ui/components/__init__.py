"""Pieces that pages are made of. They take values and hold no state."""
