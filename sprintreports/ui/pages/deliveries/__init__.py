"""What was sent to outside services: the ledger, and one delivery with every try."""
