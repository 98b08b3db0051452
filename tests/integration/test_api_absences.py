"""Absences by REST: entered, moved, taken back, imported from calendars and tables, and shown as a month."""

import httpx
from sqlalchemy import text

from sprintreports.api.middleware import LARGEST_BODY
from sprintreports.identity.permissions import Role
from sprintreports.kit import db
from tests.integration.planning_site import PlanningSite
from tests.integration.planning_support import Api, person
from tests.integration.test_api_teams import QA, WEB, client, made, site

__all__ = ["client", "site"]


async def ada_of(api: Api, site: PlanningSite) -> int:
    """Ada, who is in QA."""
    ids = await made(api, site)
    body = {"jira_person_ids": [site.people["ada"]]}
    (ada,) = await api("POST", f"/teams/{ids[QA]}/members", body, status=201)
    return ada["person_id"]


async def test_absences_are_entered_moved_and_taken_back(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    ada = await ada_of(api, site)
    answer = await api.answer("POST", "/absences", json={"person_id": ada, "first_day": "2026-05-04"})
    assert answer.status_code == 201
    away = answer.json()["data"]
    here = answer.headers["Location"].removeprefix("/api/v1")
    assert (away["first_day"], away["last_day"], away["part"], away["source"]) == (
        "2026-05-04", "2026-05-04", "whole", "typed",
    )  # fmt: skip
    moved = await api("PATCH", here, {"last_day": "2026-05-08", "part": "morning"})
    assert (moved["id"], moved["first_day"], moved["last_day"]) == (away["id"], "2026-05-04", "2026-05-08")
    assert await api("GET", here) == moved
    window = "/absences?first_day=2026-05-08&last_day=2026-05-31"
    assert await api("GET", window) == [moved]
    assert await api("GET", "/absences?first_day=2026-05-09") == []
    assert await api("GET", f"{window}&person=999999") == []
    await api("GET", f"{window}&team=999999", status=404)
    assert await api.refused("PATCH", here, {"last_day": "2026-05-01"}) == {"last_day"}
    assert await api.refused("PATCH", here, {"first_day": "1999-05-01"}) == {"last_day"}
    assert await api.refused("GET", "/absences?first_day=2026-05-08&last_day=2026-05-07") == {"last_day"}
    assert await api.refused("GET", "/absences?first_day=2026-05-08&last_day=2029-05-07") == {"last_day"}
    assert await api.refused("GET", "/absences?first_day=0001-01-01") == {"first_day"}
    await api("POST", "/absences", {"person_id": 999_999, "first_day": "2026-05-04"}, status=404)
    await api("DELETE", here, status=204)
    for method, body in (("GET", None), ("PATCH", {"part": "whole"}), ("DELETE", None)):
        await api(method, here, body, status=404)
    async with db.transaction() as session:
        query = "SELECT count(*) FROM audit_entry WHERE action = 'absence.changed'"
        assert await session.scalar(text(query)) == 3


CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260504
DTEND;VALUE=DATE:20260506
SUMMARY:{ada}: away
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260511
DTEND;VALUE=DATE:20260512
RRULE:FREQ=YEARLY;BYWEEKNO=20
SUMMARY:{ada}
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART;VALUE=DATE:20260513
SUMMARY:Somebody Else
END:VEVENT
END:VCALENDAR
"""


async def taken(api: Api, file: str | bytes, kind: str, *, query: str = "") -> httpx.Response:
    content = file.encode() if isinstance(file, str) else file
    path = f"/absences/import?first_day=2026-05-01{query}"
    return await api.answer("POST", path, content=content, headers={"Content-Type": kind})


async def test_a_calendar_is_imported_and_imported_again(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    ada = await ada_of(api, site)
    name = (await api("GET", f"/people/{ada}"))["name"]
    calendar = CALENDAR.format(ada=name)
    tried = (await taken(api, calendar, "text/calendar; charset=utf-8", query="&dry=true")).json()["data"]
    assert (tried["stored"], tried["added"], tried["matched"]) == (False, None, 1)
    assert await api("GET", "/absences?first_day=2026-05-01") == []

    done = (await taken(api, calendar, "text/calendar")).json()["data"]
    assert (done["added"], done["kept"], done["replaced"], done["left_out"]) == (1, 0, 0, 1)
    assert [problem["line"] for problem in done["problems"]] == [8]
    assert "BYWEEKNO" in done["problems"][0]["message"]
    assert [(one["who"], one["absences"]) for one in done["unmatched"]] == [("Somebody Else", 1)]
    (stored,) = await api("GET", "/absences?first_day=2026-05-01")
    assert (stored["last_day"], stored["source"]) == ("2026-05-05", "ical")

    longer = calendar.replace("DTEND;VALUE=DATE:20260506", "DTEND;VALUE=DATE:20260508")
    again = (await taken(api, longer, "text/calendar")).json()["data"]
    assert (again["added"], again["kept"], again["replaced"]) == (1, 0, 1)
    yearly = longer.replace("SUMMARY:", "RRULE:FREQ=YEARLY;COUNT=2\nSUMMARY:", 1)
    two = (await taken(api, yearly, "text/calendar", query="&last_day=2027-06-01")).json()["data"]
    assert (two["added"], two["kept"], two["replaced"]) == (1, 1, 0)
    part = (await taken(api, yearly, "text/calendar", query="&last_day=2026-06-01")).json()["data"]
    assert (part["kept"], part["replaced"]) == (1, 0)  # what begins after the last day stays
    once_more = (await taken(api, longer, "text/calendar")).json()["data"]
    assert (once_more["added"], once_more["kept"], once_more["replaced"]) == (0, 1, 0)  # a year on alone
    assert len(await api("GET", "/absences?first_day=2026-05-01&last_day=2027-12-31")) == 2


async def test_a_table_names_bad_lines_and_strangers_who_can_be_settled(
    client: httpx.AsyncClient, site: PlanningSite
) -> None:
    api = await person(client, Role.MANAGER)
    ada = await ada_of(api, site)
    name = (await api("GET", f"/people/{ada}"))["name"]
    bad = f"{name},2026-05-04,2026-05-03,\n{name},someday,,\n{name},2026-05-04,2036-05-03,\n"
    table = f"name,from,to,half\n{bad}A. L.,2026-05-05,,morning\n"
    done = (await taken(api, table, "text/csv")).json()["data"]
    assert (done["added"], done["left_out"], done["unmatched_total"]) == (0, 3, 1)
    assert [problem["line"] for problem in done["problems"]] == [2, 3, 4]
    assert done["unmatched"][0]["who"] == "A. L."
    await api("POST", f"/people/{ada}/aliases", {"alias": "A. L."}, status=204)
    settled = (await taken(api, table, "text/csv")).json()["data"]
    assert (settled["added"], settled["unmatched_total"]) == (1, 0)
    (stored,) = await api("GET", "/absences?first_day=2026-05-01")
    assert (stored["part"], stored["source"], stored["person_name"]) == ("morning", "csv", name)

    web = next(team["id"] for team in await api("GET", "/teams") if team["name"] == WEB)
    other = (await taken(api, table, "text/csv", query=f"&team={web}")).json()["data"]
    assert (other["matched"], other["added"]) == (0, 0)  # Ada is not in Web


async def test_a_month_shows_each_day_of_everybody(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    ada = await ada_of(api, site)
    (team,) = [team for team in await api("GET", "/teams") if team["members"]]
    await api("PATCH", f"/teams/{team['id']}", {"country": "DE", "subdivision": "BE"})
    away = {"person_id": ada, "first_day": "2026-05-04", "part": "morning"}
    await api("POST", "/absences", away, status=201)
    month = await api("GET", f"/teams/{team['id']}/month?day=2026-05-20")
    assert month["first_day"] == "2026-05-01"
    assert [row["person_id"] for row in month["rows"]] == [None, ada]
    first, second, _, fourth = month["rows"][1]["days"][:4]
    assert (first["kind"], first["free"]) == ("holiday", None)
    assert second["kind"] == "no_weekday"
    assert (fourth["kind"], fourth["away"], fourth["free"]) == ("working", "morning", "afternoon")
    assert {day["away"] for day in month["rows"][0]["days"]} == {None}
    await api("GET", f"/teams/{team['id']}/month?day=1999-05-20", status=422)
    (germany,) = await api("GET", "/holiday-countries?search=germany")
    assert germany["country"] == "DE"
    assert "BE" in germany["subdivisions"]


async def test_a_file_that_is_none_is_a_sentence(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    await ada_of(api, site)
    for content, kind, query, status in (
        (b"x" * (LARGEST_BODY + 1), "text/csv", "", 413),
        (b"name\n", "application/pdf", "", 415),
        (b'{"a": 1}', "application/json", "", 422),
        (b"", "text/csv", "", 422),
        (b"not a calendar", "text/calendar", "", 422),
        (b"\xff\xfen\x00", "text/csv", "", 422),
        (b"name,from\na\0b,2026-05-04\n", "text/csv", "", 422),
        (b"name,from\n", "text/csv", "&zone=Mars/Olympus", 422),
        (b"name,from\n", "text/csv", "&last_day=2026-04-01", 422),
    ):
        answer = await taken(api, content, kind, query=query)
        assert answer.status_code == status, f"{kind} {content[:20]!r}: {answer.text}"
        assert len(answer.json()["error"]["message"]) > 20
    assert await api("GET", "/absences?first_day=2026-05-01") == []


async def test_a_request_sent_twice_is_done_once(client: httpx.AsyncClient, site: PlanningSite) -> None:
    api = await person(client, Role.MANAGER)
    ada = await ada_of(api, site)
    body, key = {"person_id": ada, "first_day": "2026-05-04"}, {"Idempotency-Key": "one"}
    first, second = [await api.answer("POST", "/absences", json=body, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert len(await api("GET", "/absences?first_day=2026-05-01")) == 1
