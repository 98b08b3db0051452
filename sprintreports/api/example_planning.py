"""What examples of planning show, told by hand as in `example_values.py`: teams, members, absences, capacity."""

from typing import Any

BODIES: dict[str, Any] = {
    "AliasIn": {"alias": "G. Hopper (QA)"},
    "CapacityOverrideIn": {
        "measure": "days",
        "value": 8,
        "person_id": 12,
        "reason": "Two days of training.",
    },
    "CopyIn": {"from_sprint_id": 20},
    "DaysOffIn": {
        "days_off": [
            {"first_day": "2026-12-24", "last_day": "2026-12-31", "name": "Between the years"},
            {"first_day": "2026-05-04", "part": "afternoon", "name": "Outing"},
        ]
    },
    "DisciplinesIn": {"discipline_ids": [4, 9]},
    "JoiningIn": {"jira_person_ids": [21, 22]},
    "MembersIn": {
        "members": [{"person_id": 12, "share": 50}, {"person_id": 13, "share": 100, "since": "2026-05-04"}]
    },
    "MembershipChange": {"share": 50, "until": "2026-06-30"},
    "MergeIn": {"into": 8},
    "NewTeamsIn": {"discipline_ids": [4, 9], "separator": "/"},
    "PastedMembersIn": {
        "text": "name,share,from\nGrace Hopper,50,2026-05-04\nA. Lovelace,100,\n",
        "settled": [{"who": "A. Lovelace", "person_id": 13}],
    },
    "TeamAbsenceChange": {"last_day": "2026-05-06"},
    "TeamAbsenceIn": {"person_id": 12, "first_day": "2026-05-04", "last_day": "2026-05-05"},
    "TeamChange": {"name": "QA Berlin", "country": "DE", "subdivision": "BE", "focus": 75},
    "TeamIn": {"name": "QA Berlin", "zone": "Europe/Berlin", "country": "DE", "subdivision": "BE"},
    "TeamPersonChange": {"part_time": 80, "skills": ["testing", "SQL"]},
    "TeamsChange": {"team_ids": [8, 9], "country": "DE", "subdivision": "BE", "focus": 75},
    "WhatIfIn": {
        "away": [{"person_id": 12, "first_day": "2026-05-04", "last_day": "2026-05-06"}],
        "figures": [{"measure": "focus", "value": 70}],
    },
}

VALUES: dict[str, Any] = {
    "CapacityColumnOut.name": "Sprint 21",
    "CapacityOut.message": "",
    "CapacityOut.too_much": False,
    "CapacityOut.overridden": [],
    "CapacityOverrideOut.reason": "Half of them are at a conference.",
    "CapacityOverrideOut.value": 50.0,
    "CapacityOverrideOut.ended_at": None,
    "CapacityOverrideOut.ended_by": None,
    "CountryOut.name": "Germany",
    "CrossCheckOut.far": False,
    "DayOffOut.name": "Between the years",
    "DayOut.note": "Labor Day",
    "DayOut.kind": "holiday",
    "DayOut.free": None,
    "DayOut.away": None,
    "DisciplineOut.name": "EMEA / QA",
    "LineProblemOut.message": "It does not say the first day. Write it as 2026-03-24.",
    "MeantOut.name": "Grace Hopper",
    "MemberCapacityOut.name": "Grace Hopper",
    "MemberOut.name": "Grace Hopper",
    "MonthRowOut.name": "Grace Hopper",
    "PastSprintOut.name": "Sprint 20",
    "PastedMemberOut.name": "Grace Hopper",
    "PastedMemberOut.jira_person_id": None,
    "SomebodyOut.name": "Ada Lovelace",
    "SomebodyOut.jira_person_id": None,
    "SuggestedMemberOut.name": "Grace Hopper",
    "TeamAbsenceOut.source": "typed",
    "TeamCapacityOut.message": "",
    "TeamCapacityOut.too_much": False,
    "TeamCapacityOut.overridden": [],
    "TeamDisciplineOut.name": "EMEA / QA",
    "TeamOut.name": "QA Berlin",
    "TeamPersonOut.name": "Grace Hopper",
}
