"""Pagers that never end are noticed and refused: a list is whole or not at all, and no Jira keeps us busy for ever.

Three ways of never ending: the same page again, pages that bring nothing new, and ever more that is new. Against the last
there is a bound far above what any Jira holds; where a total was announced, twice that.
"""

from sprintreports.jira.errors import JiraAnswerInvalid, PagerNeverEnds

IDLE_PAGES = 3  # Cloud may send an empty page before the last; not many in a row
MOST_PAGES = 50_000
SLACK = 10


class Pages:
    """Counts the pages of one list. `most`: how many there can be at all."""

    def __init__(self, endpoint: str, *, most: int = MOST_PAGES) -> None:
        self._endpoint = endpoint
        self._most = most
        self._seen = 0
        self._idle = 0

    def announced(self, total: int, *, size: int) -> None:
        """The first total bounds the list: it may grow while it is read, but not for ever."""
        if self._seen <= 1:
            self._most = min(self._most, 2 * (total // max(1, size)) + SLACK)

    def count(self, *, fresh: bool) -> None:
        """One page came, with or without something new. Raises PagerNeverEnds."""
        self._seen += 1
        self._idle = 0 if fresh else self._idle + 1

    def go_on(self) -> None:
        """Another one is announced. Raises PagerNeverEnds."""
        if self._idle >= IDLE_PAGES:
            raise PagerNeverEnds(
                self._endpoint,
                f"{self._idle} pages in a row bring nothing new and further ones are announced",
            )
        if self._seen >= self._most:
            raise PagerNeverEnds(
                self._endpoint,
                f"after {self._seen:,} pages it still announces more, which no list of Jira has",
            )


class TokenPages(Pages):
    """Pages that each name the next by a token."""

    def __init__(self, endpoint: str, *, most: int = MOST_PAGES) -> None:
        super().__init__(endpoint, most=most)
        self._tokens: set[str] = set()

    def follow(self, token: str | None, *, is_last: bool | None = None) -> str | None:
        """The token to go on with; None at the end. Raises PagerNeverEnds, and JiraAnswerInvalid for a list cut off."""
        if is_last or (not token and is_last is None):
            return None
        if not token:
            raise JiraAnswerInvalid(self._endpoint, "it announces a further page and does not say which")
        if token in self._tokens:
            raise PagerNeverEnds(self._endpoint, "it sends the same page token again and never ends")
        self.go_on()
        self._tokens.add(token)
        return token
