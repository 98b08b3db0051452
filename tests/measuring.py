"""What coverage watches. Tracing doubles what a test costs, so it watches each way through the code, but not every repetition.

A test marked `unmeasured` runs like all others without being watched: its long ways are those of shorter tests. Processes
that tests start are watched only in those marked `with_children`. The figure is thus rather too low than too high.
"""

import os
from collections.abc import Generator

import coverage
import pytest

_FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    watching = coverage.Coverage.current()
    if watching is None:
        return (yield)
    unmeasured = item.get_closest_marker("unmeasured") is not None
    withheld = None if item.get_closest_marker("with_children") else os.environ.pop(_FOR_CHILDREN, None)
    if unmeasured:
        watching.stop()
    try:
        return (yield)
    finally:
        if unmeasured:
            watching.start()
        if withheld is not None:
            os.environ[_FOR_CHILDREN] = withheld
