"""docs/capacity.md says what is computed, figure by figure."""

import re
from fractions import Fraction
from pathlib import Path

from sprintreports.planning.capacity.computing import Load, Outcome, TeamCapacity, capacity
from sprintreports.planning.capacity.rates import rate_of
from tests.unit.planning.capacity.samples import HISTORY, QA, SPRINT, WEB

PAGE = (Path(__file__).parents[4] / "docs" / "capacity.md").read_text()


def computed() -> TeamCapacity:
    return capacity(QA, SPRINT, rate=rate_of(HISTORY), load=Load(Fraction(18)))


def shown(value: Fraction) -> str:
    return f"{float(round(value, 2)):g}"


def test_the_table_by_hand_is_what_is_computed():
    team = computed()
    rows = [
        [cell.strip(" *") for cell in line.strip("|").split("|")]
        for line in PAGE.splitlines()
        if line.startswith("|")
    ]
    written = {row[0]: (row[3], row[4], row[6]) for row in rows if len(row) == 7}
    for member in team.members:
        assert written[member.name] == (shown(member.possible), shown(member.days), shown(member.hours))
    possible = sum((member.possible for member in team.members), Fraction())
    assert written["Team"] == (shown(possible), shown(team.days), shown(team.hours))


def test_the_sentences_by_hand_are_what_is_computed():
    team = computed()
    assert team.outcome is Outcome.READY
    assert team.working_days == Fraction(17, 2)
    assert (team.days, team.hours) == (Fraction("23.1"), Fraction("141.44"))
    assert team.rate is not None
    assert team.rate.per_day == Fraction(9, 10)
    assert team.amount == Fraction("20.79")
    assert team.check is not None
    assert not team.check.far
    assert team.remaining is not None
    assert team.utilisation is not None
    told = re.search(r"remain and the utilisation is ([\d.]+) %", PAGE)
    above = re.search(r"this capacity is ([\d.]+) % above", PAGE)
    assert told
    assert above
    assert told[1] == shown(team.utilisation * 100) == "86.58"
    assert above[1] == shown(team.check.deviation * 100) == "3.95"
    assert f"23.1 × 0.9 = **{shown(team.amount)} points**" in PAGE
    assert f"With 18 points committed, {shown(team.remaining)} remain" in PAGE


def test_a_shared_person_is_never_more_than_whole():
    (web,) = capacity(WEB, SPRINT).members
    qa = next(member for member in computed().members if member.name == "Chandra")
    assert (qa.days, web.days) == (4, 4)
