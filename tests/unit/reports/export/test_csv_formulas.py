"""No cell of a CSV is taken for a formula, however its sign is written and whatever stands before it."""

import pytest

from sprintreports.reports.document.blocks import Column, Row, Table
from sprintreports.reports.export.csv import written
from tests.reports_samples import document


@pytest.mark.parametrize("before", ["", " ", "\u00a0", "\u3000", "\t", "\n"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_what_begins_like_a_formula_begins_with_an_apostrophe(sign: str, before: str) -> None:
    cell = f"{before}{sign}cmd|' /C calc'!A0"
    table = Table("t", "T", (Column("c", "C"),), (Row((cell,)), Row(("plain - text",))), "Nothing.")
    body = written(table, document(), mark=False).decode()
    assert f"'{cell}" in body.replace('""', '"')
    assert "'plain" not in body
