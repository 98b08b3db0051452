"""Small talk in changelogs: there is much of it, it is the same each time, and nothing that anybody counts changes."""

from itertools import pairwise

import pytest

from sprintreports.demo.chatter import talk
from sprintreports.demo.company import Company, found

NOW = 1_780_000_000_000


def company(most: int) -> Company:
    built = found(seed=3, scale=0.2, now=NOW)
    if most:
        talk(built, most=most)
    return built


@pytest.mark.unmeasured
def test_there_is_much_more_of_it_and_it_is_the_same_each_time():
    plain, talking, again = company(0), company(12), company(12)
    added = {
        number: len(issue.history()) - len(plain.issues[number].history())
        for number, issue in talking.issues.items()
    }
    assert set(added.values()) == set(range(13))
    assert 5 < sum(added.values()) / len(added) < 7
    assert all(issue.history() == again.issues[number].history() for number, issue in talking.issues.items())


def test_what_counts_is_as_it_was():
    plain, talking = company(0), company(12)
    assert talking.reports == plain.reports
    for number, issue in talking.issues.items():
        before = plain.issues[number]
        assert issue.updated == before.updated
        for name in {name for _, _, items in before.history() for name, _, _ in items} - {"ranked"}:
            assert steps(issue.history(), name) == steps(before.history(), name)


def test_each_change_begins_where_the_one_before_ended():
    for issue in company(12).issues.values():
        history = issue.history()
        assert [at for at, _, _ in history] == sorted(at for at, _, _ in history)
        assert all(issue.created <= at <= issue.updated for at, _, _ in history)
        for name, now in (("description", issue.description), ("labels", list(issue.labels))):
            found_steps = steps(history, name)
            assert all(one[1] == other[0] for one, other in pairwise(found_steps))
            assert not found_steps or found_steps[-1][1] == now


def steps(history, name: str):
    return [(before, after) for _, _, items in history for what, before, after in items if what == name]
