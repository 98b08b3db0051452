"""Kept values: made once a key, the least used go first, and heavy ones do not stay."""

from collections.abc import Awaitable, Callable

from sprintreports.kit.cache import Kept


class Maker:
    def __init__(self) -> None:
        self.made: list[str] = []

    def __call__(self, value: str) -> Callable[[], Awaitable[str]]:
        async def make() -> str:
            self.made.append(value)
            return value

        return make


async def test_a_value_is_made_once_for_its_key():
    kept, maker = Kept[str](most=100, weigh=len), Maker()
    assert [await kept.get(("a", 1), maker("one")) for _ in range(3)] == ["one"] * 3
    assert await kept.get(("a", 2), maker("two")) == "two"
    assert maker.made == ["one", "two"]


async def test_what_was_not_used_for_longest_goes_first():
    kept, maker = Kept[str](most=20, weigh=len), Maker()
    for name in ("aaaa", "bbbb", "cccc", "dddd"):
        await kept.get(name, maker(name))
    await kept.get("aaaa", maker("aaaa"))
    await kept.get("eeee", maker("eeee"))
    maker.made.clear()
    await kept.get("aaaa", maker("aaaa"))
    await kept.get("bbbb", maker("bbbb"))
    assert maker.made == ["bbbb"]
    assert len(kept) == 4


async def test_a_heavy_value_is_not_kept():
    kept, maker = Kept[str](most=20, weigh=len), Maker()
    await kept.get("x", maker("x" * 10))
    await kept.get("x", maker("x" * 10))
    assert len(maker.made) == 2
    assert len(kept) == 0


async def test_all_can_be_forgotten():
    kept, maker = Kept[str](most=20, weigh=len), Maker()
    await kept.get("x", maker("x"))
    kept.clear()
    await kept.get("x", maker("x"))
    assert maker.made == ["x", "x"]
