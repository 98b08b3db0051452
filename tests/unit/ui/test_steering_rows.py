from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sprintreports.jira.circuits import Cause, Circuit, State
from sprintreports.jira.reads.steering import Steering
from sprintreports.ui.connecting.steering import AS_SET, every, schedule_options, steering_view

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Berlin")
CLOSED = Circuit()
OPEN = Circuit(
    State.OPEN, Cause.UNREACHABLE, "nothing answers there", NOW - timedelta(hours=1), NOW + timedelta(minutes=7)
)  # fmt: skip


def view(circuit=CLOSED, **changes):
    found = Steering(**{"paused_at": None, "sync_minutes": None, "circuit": circuit, **changes})
    return steering_view(found, now=NOW, zone=ZONE)


def test_nothing_is_said_where_all_is_well():
    shown = view()
    assert (shown.trouble, shown.next, shown.reason, shown.paused, shown.every) == ("", "", "", False, AS_SET)


def test_a_failure_that_did_not_open_the_circuit_is_not_shown():
    assert view(Circuit(cause=Cause.UNREACHABLE, reason="x", failures=2)).reason == ""


def test_a_jira_that_does_not_answer():
    shown = view(OPEN)
    assert shown.trouble.startswith("Jira has not answered since Sun 1 Mar 2026, 12:00")
    assert shown.next == "It is tried again at 13:07, in about 7 minutes."
    assert shown.reason == "nothing answers there"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"until": NOW - timedelta(minutes=1)}, "within a minute or two"),
        ({"state": State.HALF_OPEN}, "tried with one request now"),
        ({"cause": Cause.RATE_LIMIT}, "tried again at 13:07"),
        ({"cause": Cause.SIGN_IN, "until": None}, "Correct the connection, or try now."),
    ],
)
def test_what_happens_next(changes, words):
    circuit = Circuit(**{name: getattr(OPEN, name) for name in OPEN.__struct_fields__} | changes)
    assert words in view(circuit).next


def test_a_paused_site_with_a_schedule_of_its_own():
    shown = view(paused_at=NOW, sync_minutes=60)
    assert (shown.paused, shown.paused_since, shown.every) == (True, "Sun 1 Mar 2026, 13:00", "60")


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "every minute"),
        (5, "every 5 minutes"),
        (60, "every hour"),
        (90, "every 90 minutes"),
        (120, "every 2 hours"),
        (1440, "once a day"),
    ],
)
def test_schedules_in_words(minutes, words):
    assert every(minutes) == words


def test_what_is_chosen_is_among_the_choices():
    options = schedule_options(7, as_set=15)
    assert [option.value for option in options][:3] == [AS_SET, "5", "7"]
    assert options[0].label == "As this installation is set (every 15 minutes)"
    assert (options[-1].value, len(options)) == ("0", 11)
    assert len(schedule_options(0, as_set=15)) == len(schedule_options(None, as_set=15)) == 10
