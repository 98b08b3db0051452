"""What was forecast, as reviews and reports of a running sprint tell it (tests/forecast_samples.py)."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from sprintreports.metrics.forecast import SprintForecast, SprintOutcome
from sprintreports.metrics.values import Unit
from sprintreports.reports.building.baseline import baseline_document
from sprintreports.reports.building.forecast import FINISHED, HELD, MISSED, chance, forecast
from sprintreports.reports.building.review import review_document
from sprintreports.reports.building.told import Told
from sprintreports.reports.document.blocks import Chart, Document, Notice, Paragraph, Section, Tone
from sprintreports.reports.export.csv import as_csv
from sprintreports.reports.export.html import as_html
from sprintreports.reports.export.json import as_json
from sprintreports.reports.export.options import Options
from sprintreports.reports.export.xlsx import as_xlsx
from sprintreports.reports.publishing.rendering import confluence, mail, slack, teams
from tests.forecast_samples import CLOSED, GIVEN, NONE, RUNNING, TOO_LITTLE
from tests.reports_samples import CLOSE, LATER, PEOPLE, snapshot
from tests.unit.reports.test_baseline_report import FRAME, facts, rows


def review(found: SprintForecast) -> Document:
    return review_document(Told(snapshot(CLOSE), Unit.POINTS, PEOPLE), FRAME, given=found)


def sentences(section: Section) -> list[str]:
    return [
        line for block in section.blocks if isinstance(block, Paragraph) for line in block.text.split("\n")
    ]


def test_each_day_says_what_was_told_and_what_happened():
    found = replace(CLOSED, outcome=SprintOutcome(15_000, 31_000, False, 15_000))
    columns = (
        "when",
        "completed",
        "remaining",
        "days_left",
        "chance",
        "at_least_50",
        "at_least_85",
        "happened",
    )
    assert rows(review(found), "forecast_table", *columns) == [
        ("At the start", 0, 20, 10, 0.42, 19, 12, HELD),
        ("After 2 of 10 working days", 2, 18, 8, 0.55, 20, 15, HELD),
        ("After 5 of 10 working days", 9, 21, 5, 0.031, 19, 15, HELD),
        ("After 9 of 10 working days", 8, 23, 1, 0.0, 10, 8, HELD),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("completed", "wanted"),
    [
        (8, [MISSED, MISSED, MISSED, HELD]),
        (14, [HELD, MISSED, MISSED, HELD]),
        # 20 points were in scope at the first two, 30 and 31 later: what came in since was not spoken of.
        (20, [FINISHED, FINISHED, HELD, HELD]),
        (31, [FINISHED] * 4),
    ],
)
def test_a_forecast_speaks_of_the_scope_of_its_moment(completed: int, wanted: list[str]):
    found = replace(
        CLOSED, outcome=SprintOutcome(completed * 1000, 31_000, completed == 31, completed * 1000)
    )
    assert [row[0] for row in rows(review(found), "forecast_table", "happened")] == wanted


def test_the_sentences():
    middle = (
        "After 5 of 10 working days the chance was told as 3 %, with 85 % certainty of at least 15 points."
    )
    for outcome, wanted in (
        (SprintOutcome(8_000, 31_000, False, 8_000), ["23 points were left over at the planned end."]),
        (
            SprintOutcome(1_000, 2_000, False, 2_000),
            [
                "1 point was left over at the planned end.",
                "At the close, after the planned end, 2 points of the sprint were completed.",
            ],
        ),
        (SprintOutcome(31_000, 31_000, True, 31_000), ["Nothing was left over."]),
    ):
        assert sentences(forecast(replace(CLOSED, outcome=outcome))) == [middle, *wanted]


def test_the_chart_says_the_start_and_the_end_and_draws_what_its_table_has():
    (chart,) = (block for block in forecast(CLOSED).blocks if isinstance(block, Chart))
    start = "At its start it was 42 % likely to finish by Friday 13 March, with 85 % certainty of at least 12"
    assert chart.reading.startswith(start)
    assert "8 of 31 points were completed by then." in chart.reading
    keys = [column.key for column in chart.table.columns]
    assert chart.native is not None
    assert {chart.native.category, *(one.column for one in chart.native.series)} <= {*keys}
    drawn = {trace["name"]: trace["y"] for trace in chart.light["data"]}
    columns = {key: [row.cells[place] for row in chart.table.rows] for place, key in enumerate(keys)}
    assert columns["completed"] == drawn["Done"]
    assert columns["at_least_85"] == drawn["Told for the end: 85 % certain"]
    assert [trace["y"] for trace in chart.dark["data"]] == [trace["y"] for trace in chart.light["data"]]


def test_how_often_forecasts_came_true():
    document = review(CLOSED)
    assert rows(document, "hit_rate", "certainty", "forecasts", "hits", "share", "loss") == [
        (0.5, 24, 13, 13 / 24, 2.5), (0.7, 24, 17, 17 / 24, 2), (0.85, 24, 20, 20 / 24, 1.25), (0.95, 24, 23, 23 / 24, 0.5),
    ]  # fmt: skip
    (table,) = (one for one in document.tables if one.key == "hit_rate")
    told = "Of 24 earlier such forecasts at 85 %, 20 came true. Brier score of the chances: 0.180 ("
    assert table.reading.startswith(told)
    found = facts(document)
    assert (found["forecast_chance"], found["forecast_sure"]) == (0.42, 12)
    assert (found["forecast_completed"], found["forecast_hits"]) == (8, 20 / 24)


def test_without_a_hit_rate_it_is_said_so():
    (table,) = (one for one in review(replace(CLOSED, hit_rate=None)).tables if one.key == "hit_rate")
    assert table.rows == ()
    assert "can be judged yet" in table.empty


def test_what_was_never_told_is_not_made_up():
    section = forecast(NONE)
    assert section.blocks == (Notice(TOO_LITTLE, Tone.NEUTRAL),)
    nothing = replace(NONE, given=(), missing="This sprint has no planned end.")
    assert forecast(nothing).blocks == (Notice("This sprint has no planned end.", Tone.NEUTRAL),)


def test_a_number_that_came_late_is_the_first_one():
    late = replace(CLOSED, given=(replace(GIVEN[0], finish=None, percentiles=()), *GIVEN[1:]))
    assert rows(review(late), "forecast_table", "chance", "at_least_85", "happened")[0] == (None, None, None)
    assert facts(review(late))["forecast_chance"] == 0.55


def test_no_chance_is_told_as_more_than_95_percent():
    sure = replace(CLOSED, given=(*GIVEN[:2], replace(GIVEN[2], finish=0.95), GIVEN[3]))
    first, *_, last = sentences(forecast(sure))
    assert "the chance was told as more than 95 %, with" in first
    assert last.startswith("95 % stands for anything above it")


def test_a_sprint_that_runs_has_no_end_yet():
    section = forecast(RUNNING)
    (table,) = (block.table for block in section.blocks if isinstance(block, Chart))
    assert [column.key for column in table.columns][-1] == "at_least_85"
    assert [row.cells[0] for row in table.rows] == [
        "At the start",
        "After 2 of 10 working days",
        "At the moment",
    ]


def test_the_report_of_a_running_sprint_says_how_likely_it_is():
    state = Told(snapshot(LATER), Unit.POINTS, PEOPLE)
    want = chance(RUNNING)
    assert want.startswith(
        "3 % likely to finish by Friday 13 March; with 85 % certainty at least 15 of 30 points"
    )
    assert sentences(baseline_document(state, FRAME, given=RUNNING).sections[0])[-1] == want
    quiet = baseline_document(state, FRAME)
    for silent in (CLOSED, NONE, replace(RUNNING, missing=TOO_LITTLE), replace(RUNNING, given=())):
        assert baseline_document(state, FRAME, given=silent) == quiet


def test_in_hours_and_issues_amounts_are_in_these():
    seconds = replace(
        RUNNING,
        unit=Unit.HOURS,
        given=(
            replace(
                GIVEN[0],
                completed=5400,
                remaining=3600,
                percentiles=((50, 5400), (70, 3600), (85, 1800), (95, 900)),
            ),
        ),
    )
    assert rows(review(seconds), "forecast_table", "completed", "remaining", "at_least_85") == [(1.5, 1, 0.5)]
    issues = replace(seconds, unit=Unit.COUNT, given=(replace(seconds.given[0], completed=3, remaining=9),))
    assert rows(review(issues), "forecast_table", "completed", "remaining") == [(3, 9)]


def test_every_format_and_channel_carries_it():
    document = review(CLOSED)
    document = replace(document, sections=tuple(one for one in document.sections if one.key == "forecast"))
    first = "At its start it was 42 % likely to finish by Friday 13 March, with 85 % certainty of at least 12 of 20 points"
    last = "23 points were left over at the planned end."
    hits = "Of 24 earlier such forecasts at 85 %, 20 came true."
    letter = mail.letter(document, {})
    for text in (
        as_html(document), as_json(document).decode(), confluence.storage(document, {}), json.dumps(slack.blocks(document)),
        json.dumps(teams.card(document)), letter.html, letter.text,
    ):  # fmt: skip
        plain = " ".join(text.split())  # the lines of plain text are short
        assert all(wanted in plain for wanted in (first, last, hits, "After 5 of 10 working days"))
    sheet = load_workbook(io.BytesIO(as_xlsx(document)))["What was forecast"]
    cells = [[cell.value for cell in row if cell.value is not None] for row in sheet.iter_rows()]
    assert any(
        row[0] == "After 5 of 10 working days" and row[-1] == MISSED and 0.031 in row for row in cells if row
    )
    assert any(str(cell).startswith(first) for row in cells for cell in row)
    assert len(sheet._charts) == 1
    days = as_csv(document, Options(part="forecast_table", mark=False)).decode().splitlines()
    assert len(days) == 1 + len(GIVEN)
    assert days[3].startswith("After 5 of 10 working days,2026-03-06,9,21,5,")
    with zipfile.ZipFile(io.BytesIO(as_csv(document))) as packed:
        assert len(packed.namelist()) == 3
