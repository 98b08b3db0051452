"""Tables: which columns hold figures, and where a pager leads."""

import pytest

from sprintreports.kit.paging import Page
from sprintreports.ui.components.figures import Chart, column_kinds
from sprintreports.ui.components.tables import Pager, pager_of


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


def test_a_page_past_the_end_leads_back_to_the_last_one():
    def pager(total: int) -> Pager:
        page = Page([], total=total, page=9999, per_page=25)
        return pager_of(
            page, path="/runs", parameters={"site": "2", "page": "9999"}, name="page", noun="runs"
        )

    assert pager(52) == Pager("Page 9,999 is past the last page of runs.", previous="/runs?site=2&page=3")
    assert pager(3).previous == "/runs?site=2"
