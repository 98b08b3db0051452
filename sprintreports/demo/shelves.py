"""Issues by project and by id, so that a query about some of a big company's need not look at all the others."""

from collections.abc import Collection, Sequence

from sprintreports.demo.site import Row


class Shelves:
    """The rows that were asked for last, put in order once."""

    def __init__(self) -> None:
        self._rows: Sequence[Row] | None = None
        self._by_project: dict[str, list[Row]] = {}
        self._ids: dict[str, str] = {}
        self._by_id: dict[int, Row] = {}

    def of(self, rows: Sequence[Row], projects: Collection[str] | None) -> Sequence[Row]:
        """Those of `rows` that are of these projects (by key or id), or all."""
        if projects is None:
            return rows
        if rows is not self._rows:
            self._sort(rows)
        ids = {self._ids[name] for name in projects if name in self._ids}
        return [row for project in ids for row in self._by_project[project]]

    def named(self, rows: Sequence[Row], ids: Collection[int]) -> Sequence[Row]:
        """Those of `rows` that have one of these ids."""
        if rows is not self._rows:
            self._sort(rows)
        return [self._by_id[issue] for issue in ids if issue in self._by_id]

    def _sort(self, rows: Sequence[Row]) -> None:
        self._rows, self._by_project, self._ids = rows, {}, {}
        self._by_id = {row.id: row for row in rows}
        for row in rows:
            self._by_project.setdefault(row.project_id, []).append(row)
            self._ids[row.project_id] = self._ids[row.project_key] = row.project_id
