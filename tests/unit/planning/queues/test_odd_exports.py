"""Strings that break files, through every export of a queue."""

from tests.unit.planning.queues.export_checks import check
from tests.unit.planning.queues.odd_strings import ODD


def test_odd_strings_stay_what_they_are_in_every_file():
    check(ODD)
