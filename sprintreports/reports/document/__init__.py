"""What a report says, once, as typed values. Every page, file and message is a function of it (docs/decisions/0021)."""
