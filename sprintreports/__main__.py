"""`python -m sprintreports` is the `sprintreports` command."""

from sprintreports.cli import main

main()
