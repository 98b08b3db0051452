"""Absences and members from files: what is read, what is named as unreadable, and that no file takes for ever."""

import contextlib
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from fractions import Fraction

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from sprintreports.kit.errors import Invalid
from sprintreports.planning.capacity.days import DayPart
from sprintreports.planning.importing import cells, ical, reading, recurring
from sprintreports.planning.importing.absences import ReadAbsence
from sprintreports.planning.importing.ical import Window, read_ical
from sprintreports.planning.importing.matching import Known, People, Unmatched, match
from sprintreports.planning.importing.reading import Found
from sprintreports.planning.importing.sheets import ReadMember, read_absences, read_members

YEAR = Window(date(2026, 1, 1), date(2026, 12, 31))
WHOLE = DayPart.WHOLE


def calendar(*events: str) -> bytes:
    inner = "".join(
        f"BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n{event}\r\nEND:VEVENT\r\n" for event in events
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{inner}END:VCALENDAR\r\n".encode()


def all_day(first: str, *more: str, uid: str = "u", title: str = "Ada") -> str:
    return "\r\n".join([f"UID:{uid}", f"SUMMARY:{title}", f"DTSTART;VALUE=DATE:{first}", *more])


def read(*events: str, window: Window = YEAR) -> Found[ReadAbsence]:
    return read_ical([calendar(*events)], window=window, zone="Europe/Berlin")


def days(*events: str, window: Window = YEAR) -> list[tuple[str, str, DayPart]]:
    found = read(*events, window=window)
    assert found.problems == ()
    return [(one.first.isoformat()[5:], one.last.isoformat()[5:], one.part) for one in found.items]


def test_all_day_events_end_the_day_before_their_end():
    assert days(all_day("20260706", "DTEND;VALUE=DATE:20260711")) == [("07-06", "07-10", WHOLE)]
    assert days(all_day("20260706")) == [("07-06", "07-06", WHOLE)]
    assert days(all_day("20260706", "DURATION:P3D")) == [("07-06", "07-08", WHOLE)]


def test_timed_events_take_the_half_days_whose_middle_they_hold():
    def timed(start: str, end: str) -> str:
        return f"UID:t\r\nSUMMARY:Ada\r\nDTSTART:{start}\r\nDTEND:{end}"

    assert days(timed("20260706T060000Z", "20260706T100000Z")) == [("07-06", "07-06", DayPart.MORNING)]
    assert days(timed("20260706T140000", "20260706T180000")) == [("07-06", "07-06", DayPart.AFTERNOON)]
    assert days(timed("20260706T140000", "20260708T120000")) == [
        ("07-06", "07-06", DayPart.AFTERNOON),
        ("07-07", "07-07", WHOLE),
        ("07-08", "07-08", DayPart.MORNING),
    ]
    assert days(timed("20260706T093000", "20260706T103000")) == []


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=WEEKLY;COUNT=3", ["01-02", "01-09", "01-16"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=4", ["01-02", "01-12", "01-16", "01-26"]),
        ("FREQ=DAILY;INTERVAL=10;UNTIL=20260125", ["01-02", "01-12", "01-22"]),
        ("FREQ=MONTHLY;BYDAY=1FR;COUNT=3", ["01-02", "02-06", "03-06"]),
        ("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", ["01-02", "01-30", "02-27"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3", ["01-02", "01-31", "02-28"]),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2MO", ["01-02", "03-09"]),
        ("FREQ=YEARLY", ["01-02"]),
        ("FREQ=YEARLY;BYDAY=20MO;COUNT=2", ["01-02", "05-18"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", ["01-02"]),
    ],
)
def test_repetition(rule: str, expected: list[str]):
    assert [first for first, _, _ in days(all_day("20260102", f"RRULE:{rule}"))] == expected


@settings(max_examples=50)
@given(
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]),
    st.integers(1, 4),
    st.lists(st.sampled_from(["MO", "TH", "SU"]), max_size=2, unique=True),
    st.integers(0, 400),
)
def test_repetition_is_what_dateutil_says(frequency: str, interval: int, on: list[str], shift: int):
    """An independent reading of the same rules, where it can be trusted to end."""
    start = date(2025, 1, 1) + timedelta(days=shift)
    parts = {"FREQ": [frequency], "INTERVAL": [str(interval)]} | ({"BYDAY": on} if on else {})
    window = date(2026, 1, 1), date(2027, 12, 31)
    ours = set(
        recurring.days_of(
            recurring.rule_of(parts), start, first=window[0], last=window[1], budget=recurring.Budget()
        )
    )
    rule = rrulestr(
        ";".join(f"{name}={','.join(values)}" for name, values in parts.items()),
        dtstart=datetime.combine(start, datetime.min.time()),
    )
    theirs = {
        one.date()
        for one in rule.xafter(datetime.combine(date(2025, 12, 31), datetime.min.time()), count=800)
        if one.date() <= window[1]
    }
    assert ours - {start} == theirs - {start}


def test_exceptions_moved_and_cancelled_occurrences():
    series = all_day("20260102", "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;VALUE=DATE:20260109")
    moved = all_day("20260119", "RECURRENCE-ID;VALUE=DATE:20260116")
    assert [first for first, _, _ in days(series, moved)] == ["01-02", "01-23", "01-19"]
    assert days(all_day("20260102", "STATUS:CANCELLED")) == []
    assert [first for first, _, _ in days(all_day("20260102", "RDATE;VALUE=DATE:20260301"))] == [
        "01-02",
        "03-01",
    ]


def test_only_what_reaches_into_the_window():
    window = Window(date(2026, 7, 1), date(2026, 7, 31))
    assert days(all_day("20260625", "DTEND;VALUE=DATE:20260702"), window=window) == [
        ("06-25", "07-01", WHOLE)
    ]
    assert days(all_day("20260801"), window=window) == []
    weekly = all_day("20200101", "RRULE:FREQ=WEEKLY")
    assert [first for first, _, _ in days(weekly, window=window)] == [
        "07-01",
        "07-08",
        "07-15",
        "07-22",
        "07-29",
    ]


def test_whoever_the_event_may_concern():
    event = all_day(
        "20260102",
        "ATTENDEE;CN=Ada:mailto:ada@x.test",
        "ORGANIZER:MAILTO:boss@x.test",
        title="Urlaub: Ada Lovelace (x)",
    )
    (found,) = read(event).items
    assert found.who == (
        "ada@x.test",
        "boss@x.test",
        "Urlaub: Ada Lovelace (x)",
        "Urlaub",
        "Ada Lovelace",
        "x",
    )
    assert (found.line, found.uid) == (3, "u")


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (all_day("20260102", "RRULE:FREQ=SECONDLY;COUNT=1000000000"), "not read here"),
        (all_day("20260102", "RRULE:FREQ=DAILY;BYSETPOS=1"), "BYSETPOS"),
        (all_day("20260102", "RRULE:FREQ=DAILY;BYHOUR=1,2,3"), "BYHOUR"),
        (all_day("20260102", "RRULE:FREQ=DAILY;INTERVAL=0"), "by hand|below 1|cannot be read"),
        (all_day("00010101", "RRULE:FREQ=DAILY"), "2000|cannot be read"),
        (all_day("20260102", "DTEND;VALUE=DATE:20250101"), "ends before|cannot be read"),
        ("UID:x\r\nSUMMARY:no start", "cannot be read"),
        ("UID:x\r\nDTSTART:gibberish", "cannot be read"),
        ("\r\n".join(["UID:x"] * 600), "lines"),
    ],
)
def test_an_event_that_cannot_be_read_is_named_and_the_others_are_read(event: str, said: str):
    found = read(event, all_day("20260706", uid="good"))
    assert [one.uid for one in found.items] == ["good"]
    assert [problem.line for problem in found.problems] == [3]
    assert found.left_out == 1
    assert re.search(said, found.problems[0].message)


def test_a_billion_repetitions_are_those_of_the_window():
    event = all_day("20260102", "RRULE:FREQ=DAILY;COUNT=1000000000")
    assert len(read(event).items) == 364
    many = [all_day("20000101", "RRULE:FREQ=DAILY;BYDAY=MO;COUNT=999999999", uid=str(n)) for n in range(40)]
    narrow = Window(date(2026, 1, 1), date(2026, 1, 2))
    with pytest.raises(Invalid, match="shorter time"):
        read(*many, window=narrow)


def endless(
    *, start: bytes = b"BEGIN:VCALENDAR\r\n", piece: bytes = b"X-A:" + b"a" * 60_000 + b"\r\n"
) -> Iterator[bytes]:
    yield start
    for _ in range(10_000):
        yield piece
    pytest.fail("it was read to its end")


def test_what_is_too_large_is_refused_as_soon_as_it_is(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(Invalid, match="larger than 5 MB"):
        read_ical(endless(), window=YEAR, zone="UTC")
    with pytest.raises(Invalid, match="far too long"):
        read_ical(endless(piece=b"a" * 60_000), window=YEAR, zone="UTC")
    monkeypatch.setattr(ical, "MOST_EVENTS", 3)
    with pytest.raises(Invalid, match="more than 3 events"):
        read(*([all_day("20260102")] * 4))


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04\0\0", b"<html>", "BEGIN".encode("utf-16"), b"\xff" * 100]
)
def test_what_is_no_calendar_is_refused_kindly(content: bytes):
    with pytest.raises(Invalid, match=r"Choose a file|Save it"):
        read_ical([content], window=YEAR, zone="UTC")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(content: bytes):
    for head in (b"", b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n"):
        with contextlib.suppress(Invalid):
            read_ical([head + content], window=YEAR, zone="UTC")
        with contextlib.suppress(Invalid):
            assert read_absences([head + content]).left_out <= 302


def test_csv_with_titles_in_any_order():
    text = "\ufeffStart;Ende?;To;E-Mail;Half day\n2026-07-06;x;10.07.2026;ada@x.test;\n13.7.2026;;;bob@x.test;PM\n".encode()
    assert read_absences([text[:9], text[9:]]).items == (
        ReadAbsence(2, ("ada@x.test",), date(2026, 7, 6), date(2026, 7, 10)),
        ReadAbsence(3, ("bob@x.test",), date(2026, 7, 13), date(2026, 7, 13), DayPart.AFTERNOON),
    )


def test_bad_lines_are_named_with_what_to_do():
    text = b"Ada,2026-07-06\n\nBob,06/07/2026\n,2026-07-06\nCid,\nDee,2026-07-06,2026-07-01\nEve,2026-07-06,,noon\nFay,1899-01-01\nGil,2026-02-30\n"
    found = read_absences([text])
    assert [one.who for one in found.items] == [("Ada",)]
    assert [problem.line for problem in found.problems] == [3, 4, 5, 6, 7, 8, 9]
    assert found.left_out == 7
    for problem, said in zip(
        found.problems,
        [
            "two different days",
            "does not say who",
            "first day",
            "Swap",
            "no part",
            "Correct the year",
            "no day",
        ],
        strict=True,
    ):
        assert said in problem.message
        assert problem.message.endswith(".")


def test_a_table_without_end_is_refused_and_problems_are_counted():
    with pytest.raises(Invalid, match="lines"):
        read_absences([b"x\n" * (cells.MOST_LINES + 1)])
    found = read_absences([b"x,y\n" * 5_000])
    assert (len(found.problems), found.left_out) == (reading.MOST_PROBLEMS, 5_000)


def test_members_as_pasted():
    pasted = "Name\tShare\tHours per day\tPart-time\tFrom\tTo\tSkills\nAda Lovelace\t50 %\t7,5\t80\t2026-01-01\t\tPython; SQL\nBob\t\t\t\t\t\t\nCid\t0.5\nDee\t120\nEve\t50\t30\n"
    found = read_members(pasted)
    assert found.items == (
        ReadMember(
            2,
            ("Ada Lovelace",),
            Fraction(1, 2),
            Fraction(15, 2),
            Fraction(4, 5),
            date(2026, 1, 1),
            None,
            ("Python", "SQL"),
        ),
        ReadMember(3, ("Bob",)),
    )
    assert [problem.line for problem in found.problems] == [4, 5, 6]
    assert "50 %" in found.problems[0].message
    assert read_members("Ada\t80\nBob\t20").items == (
        ReadMember(1, ("Ada",), Fraction(4, 5)),
        ReadMember(2, ("Bob",), Fraction(1, 5)),
    )


KNOWN = (
    Known(1, "Ada Lovelace", "ada@x.test", ("A. L.",)),
    Known(2, "Bob Stone", "bob@x.test"),
    Known(3, "Bob Stone"),
    Known(4, "Zoë Ångström"),
)


@pytest.mark.parametrize(
    ("who", "person"),
    [
        (("ADA@X.test",), 1),
        (("Lovelace, Ada",), 1),
        (("ada  lovelace",), 1),
        (("a. l.",), 1),
        (("Zoe\u0308 A\u030angstro\u0308m",), 4),
        (("nobody@x.test", "Ada Lovelace"), 1),
        (("Bob Stone", "bob@x.test"), 2),
        (("Bob Stone",), Unmatched("Bob Stone", ambiguous=True, people=(2, 3))),
        (("Ada Lovelase",), Unmatched("Ada Lovelase", ambiguous=False, people=(1,))),
        (("", "?"), Unmatched("", ambiguous=False)),
    ],
)
def test_people_are_found_and_never_guessed(who: tuple[str, ...], person: object):
    assert People(KNOWN).find(who) == person


def test_who_is_not_found_is_listed_with_all_their_lines():
    lines = [
        ReadMember(n, (who,)) for n, who in enumerate(["Ada Lovelace", "Max", "Max", "Bob Stone"], start=1)
    ]
    matched, others = match(lines, KNOWN)
    assert [(person, line.line) for person, line in matched] == [(1, 1)]
    assert [(one.who, [line.line for line in found]) for one, found in others] == [
        ("Max", [2, 3]),
        ("Bob Stone", [4]),
    ]
