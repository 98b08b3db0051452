"""A paste of many teams is cut into one for each, whose lines keep their numbers; what names no team is told."""

import pytest

from sprintreports.kit.errors import Invalid
from sprintreports.planning.importing.sheets import read_members
from sprintreports.planning.pasted_teams import MOST_LINES, split
from sprintreports.planning.teams import TeamRow, TeamSettings

TEAMS = [TeamRow(1, TeamSettings("QA; Berlin"), (), 0, 1), TeamRow(2, TeamSettings("Web"), (), 0, 1)]


def read(pasted: str) -> dict[str, list[tuple[int, tuple[str, ...]]]]:
    parts, _ = split(pasted, TEAMS)
    return {
        team.settings.name: [(one.line, one.who) for one in read_members(text).items] for team, text in parts
    }


def test_titles_say_which_column_is_the_team():
    pasted = "Name\tDiscipline Team\tShare\nAda\tweb\t50\n\nBela\tQA; Berlin\t40\nChandra\tWEB\t30\n"
    assert read(pasted) == {"QA; Berlin": [(4, ("Bela",))], "Web": [(2, ("Ada",)), (5, ("Chandra",))]}


def test_without_titles_the_first_column_is_the_team():
    assert read('"QA; Berlin";Ada;50\nWeb;"Lovelace, Ada";40\n') == {
        "QA; Berlin": [(1, ("Ada",))],
        "Web": [(2, ("Lovelace, Ada",))],
    }


def test_lines_of_no_team_are_named():
    parts, lost = split("Webb,Ada,50\n,Bela,40\nWeb,Chandra\n", TEAMS)
    assert [team.id for team, _ in parts] == [2]
    assert [(one.line, one.message.split(".")[0]) for one in lost] == [
        (1, "There is no team “Webb” that you may see"),
        (2, "It does not say which team"),
    ]


@pytest.mark.parametrize("pasted", ["", "\n \n", "\t\t\t"])
def test_nothing_is_nothing(pasted: str):
    assert split(pasted, TEAMS) == ([], ())


@pytest.mark.parametrize("pasted", ["a\n" * (MOST_LINES + 1), "a" * 200_000, "a" * 6_000_000])
def test_too_much_is_refused(pasted: str):
    with pytest.raises(Invalid):
        split(pasted, TEAMS)
