from datetime import UTC, datetime, timedelta

import pytest

from sprintreports.jira import circuits
from sprintreports.jira.circuits import Cause, Circuit, Gate, State
from sprintreports.jira.errors import (
    JiraAnswerInvalid,
    JiraForbidden,
    JiraRateLimited,
    JiraSignInFailed,
    JiraUnavailable,
    JiraUnreachable,
)
from sprintreports.jira.tables import Site

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=5)


def after(*errors, circuit=None, now=NOW):
    circuit = circuit or Circuit()
    for error in errors:
        circuit = circuit.failed(error, now)
    return circuit


def test_three_failures_in_a_row_open_it_for_a_minute():
    twice = after(JiraUnreachable(), JiraUnavailable())
    assert (twice.state, twice.gate(NOW)) == (State.CLOSED, Gate.GO)
    opened = after(JiraUnreachable("nothing answers"), circuit=twice)
    assert (opened.state, opened.cause, opened.reason) == (
        State.OPEN,
        Cause.UNREACHABLE,
        "nothing answers",
    )
    assert (opened.since, opened.until) == (NOW, NOW + circuits.FIRST_OPENING)
    assert opened.gate(NOW + timedelta(seconds=59)) is Gate.SHUT
    assert opened.gate(NOW + timedelta(seconds=60)) is Gate.PROBE


def test_each_opening_lasts_twice_as_long_up_to_an_hour():
    circuit = after(*[JiraUnavailable()] * 3)
    lengths = []
    for _ in range(10):
        lengths.append((circuit.until - NOW) // timedelta(minutes=1))
        circuit = circuit.probing(NOW).failed(JiraUnavailable(), NOW)
    assert lengths == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]
    assert circuit.since == NOW


def test_one_process_at_a_time_probes_and_a_dead_one_does_not_hold_the_others_up_for_long():
    probing = after(*[JiraUnavailable()] * 3).probing(LATER)
    assert (probing.state, probing.gate(LATER)) == (State.HALF_OPEN, Gate.SHUT)
    assert probing.gate(LATER + circuits.PROBE_LEASE) is Gate.PROBE


def test_after_a_good_probe_one_failure_is_enough_and_a_good_run_forgets_all():
    trial = after(*[JiraUnavailable()] * 3).probing(LATER).probed(LATER)
    assert trial.gate(LATER) is Gate.GO
    again = trial.failed(JiraUnreachable(), LATER)
    assert (again.state, again.since) == (State.OPEN, LATER)
    assert again.until == LATER + 2 * circuits.FIRST_OPENING
    site = Site(name="x", base_url="https://x.example", circuit={})
    circuits.keep(site, trial)
    assert circuits.of(site) == trial
    circuits.note(site, None, now=LATER)
    assert circuits.of(site) == Circuit()


def test_a_failed_sign_in_opens_at_once_and_waits_for_people():
    locked = after(JiraSignInFailed("wrong token"))
    assert (locked.state, locked.cause, locked.until) == (State.OPEN, Cause.SIGN_IN, None)
    assert locked.gate(NOW + timedelta(days=400)) is Gate.SHUT
    assert locked.impatient().gate(NOW) is Gate.PROBE


@pytest.mark.parametrize(("asked", "seconds"), [(1800.0, 1800), (None, 60)])
def test_a_used_up_quota_holds_all_jobs_for_as_long_as_jira_asks(asked, seconds):
    limited = after(JiraRateLimited("slower", retry_after=asked))
    assert (limited.cause, limited.until) == (Cause.RATE_LIMIT, NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("error", [JiraForbidden(), JiraAnswerInvalid("/x", "odd")])
def test_what_says_nothing_of_the_whole_site_changes_nothing(error):
    assert after(error) == Circuit()
    opened = after(*[JiraUnavailable()] * 3)
    assert after(error, circuit=opened) == opened


def test_asking_for_it_now_leaves_a_closed_one_alone():
    assert Circuit(failures=2).impatient() == Circuit(failures=2)
