"""Odd names through every channel as it sends, read as it arrives. tests/conformance has a list of them that others wrote."""

from tests.naughty_sending import everything_arrives_as_text
from tests.unit.planning.queues.odd_strings import ODD
from tests.unit.reports.naughty import MORE


async def test_odd_names_arrive_as_text_everywhere() -> None:
    await everything_arrives_as_text([text[:500] for text in (*ODD, *MORE)])
