"""Where an address leads nowhere."""
