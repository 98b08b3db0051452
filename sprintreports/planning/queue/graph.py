"""What comes before what: rings of issues, an order without them, and groups that hang together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def rings(before: Sequence[Sequence[int]]) -> list[list[int]]:
    """The sets of nodes that wait for each other (strongly connected, of two or more), each sorted.

    before: for each node the nodes that must come first. Tarjan 1972, without recursion: linear in nodes and links.
    """
    search = _Search(before)
    for root, links in enumerate(before):
        if links:
            search.walk(root)
    return sorted(search.found)


def turned(before: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """For each node those that wait for it, rising."""
    found: dict[int, list[int]] = {}
    for node, links in enumerate(before):
        for other in links:
            found.setdefault(other, []).append(node)
    after: list[Sequence[int]] = [()] * len(before)
    for node, links in found.items():
        after[node] = links
    return after


def in_order(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> list[int]:
    """Every node after those that must come first, else by number. Without those that are in a ring or behind one."""
    waits = list(map(len, before))
    order = [node for node, count in enumerate(waits) if not count]
    for node in order:
        for other in after[node]:
            waits[other] -= 1
            if not waits[other]:
                order.append(other)
    return order


class Groups:
    """Numbers that hang together: union-find with halved paths; a group is known by its smallest number."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def find(self, node: int) -> int:
        """The group of a number."""
        above = self._above
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    def join(self, one: int, other: int) -> None:
        """Make two groups one."""
        first, second = self.find(one), self.find(other)
        if first != second:
            self._above[max(first, second)] = min(first, second)

    def of(self, nodes: Iterable[int]) -> dict[int, list[int]]:
        """The nodes by group, each group's in the order given."""
        found: dict[int, list[int]] = {}
        for node in nodes:
            found.setdefault(self.find(node), []).append(node)
        return found


class _Search:
    def __init__(self, before: Sequence[Sequence[int]]) -> None:
        self.found: list[list[int]] = []
        self._before = before
        self._number = [-1] * len(before)
        self._low = [0] * len(before)
        self._open = bytearray(len(before))
        self._stack: list[int] = []
        self._counter = 0

    def walk(self, root: int) -> None:
        """Everything that can be reached from here and has not been seen."""
        path: list[tuple[int, int]] = [(root, 0)] if self._number[root] < 0 else []
        while path:
            node, at = path.pop()
            if at == 0:
                self._enter(node)
            deeper = self._unseen(node, at)
            if deeper is not None:
                path.extend(((node, deeper), (self._before[node][deeper - 1], 0)))
                continue
            if self._low[node] == self._number[node]:
                self._close(node)
            if path:
                above = path[-1][0]
                self._low[above] = min(self._low[above], self._low[node])

    def _enter(self, node: int) -> None:
        self._number[node] = self._low[node] = self._counter
        self._counter += 1
        self._stack.append(node)
        self._open[node] = 1

    def _unseen(self, node: int, at: int) -> int | None:
        """Where to go on after the next link that leads to a new node; none when all are known."""
        links = self._before[node]
        for step in range(at, len(links)):
            other = links[step]
            if self._number[other] < 0:
                return step + 1
            if self._open[other]:
                self._low[node] = min(self._low[node], self._number[other])
        return None

    def _close(self, root: int) -> None:
        ring: list[int] = []
        while not ring or ring[-1] != root:
            ring.append(self._stack.pop())
            self._open[ring[-1]] = 0
        if len(ring) > 1:
            self.found.append(sorted(ring))
