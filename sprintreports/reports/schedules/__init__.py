"""When a report is made and sent by itself."""
