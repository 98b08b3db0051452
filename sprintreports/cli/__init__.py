"""The command line."""

from sprintreports.cli.commands import main

__all__ = ["main"]
