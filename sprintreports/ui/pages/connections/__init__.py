"""Connections to outside services that reports are sent to: the list, one of them, the form."""
