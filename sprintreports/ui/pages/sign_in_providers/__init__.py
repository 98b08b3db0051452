"""Identity providers: set up, tested and switched on."""
