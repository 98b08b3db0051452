"""Strings that break files, through every file of a report. tests/conformance has a list of them that others wrote."""

from tests.unit.planning.queues.odd_strings import ODD
from tests.unit.reports.export.export_checks import check


def test_odd_strings_stay_what_they_are():
    check(ODD)


def test_each_alone_as_the_title_of_everything():
    for text in ODD:
        check([text])
