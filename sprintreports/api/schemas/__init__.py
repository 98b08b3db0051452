"""The shapes that REST takes and gives."""
