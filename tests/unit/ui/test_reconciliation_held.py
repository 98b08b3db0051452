"""Why the reconciliation job asks nothing right now, in words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.circuits import Cause, Circuit, State
from sprintreports.jira.reads.steering import Steering
from sprintreports.ui.pages.reconciliation.rows import held

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SOON = NOW + timedelta(minutes=20)
OPEN = Circuit(State.OPEN, Cause.UNREACHABLE, "x", since=NOW, until=SOON)


@pytest.mark.parametrize(
    ("steering", "told"),
    [
        (Steering(None, None, Circuit()), ""),
        (Steering(NOW, None, OPEN), "Waiting: the sync of this site is paused"),
        (Steering(None, None, OPEN), "Waiting: Jira is left alone until 13:20"),
        (
            Steering(None, None, Circuit(State.OPEN, Cause.UNREACHABLE, "x", since=NOW, until=NOW)),
            "Waiting until the next sync has found Jira well again",
        ),
        (
            Steering(None, None, Circuit(State.OPEN, Cause.SIGN_IN, "x", since=NOW)),
            "Waiting: Jira does not let us in. Correct the connection of the site",
        ),
    ],
)
def test_it_says_why_it_waits(steering: Steering, told: str):
    assert held(steering, now=NOW, zone=ZoneInfo("Europe/Berlin")) == told
