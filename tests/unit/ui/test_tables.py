"""Tables: which columns hold figures, and where a pager leads."""

import pytest

from sprintreports.ui.components.figures import Chart, column_kinds


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["3", "12", "1,204"], "n"),
        (["+3", "−2", "0.5", ""], "n"),
        (["89 %", "—"], "n"),
        (["PAY-9", "PAY-10"], ""),
        (["2026-11-17", "2026-11-18"], ""),
        (["done", "3"], ""),
        (["", "—"], ""),
        ([], ""),
    ],
)
def test_a_column_is_one_of_figures_when_all_that_is_known_in_it_is_one(cells: list[str], kind: str):
    assert column_kinds(["Column"], [[cell] for cell in cells]) == [kind]


def test_a_chart_knows_the_kinds_of_its_columns():
    chart = Chart(columns=["Team", "Issues"], rows=[["Backend", "3"], ["Design", "14"]])
    assert chart.kinds == ["", "n"]
    assert Chart().kinds == []
