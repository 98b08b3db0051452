"""What the order of a list tells about stamps that are out of date."""

from hypothesis import given
from hypothesis import strategies as st

from sprintreports.jira.sync.order import out_of_order, overtaking


def found_changed(listed: list[int], stored: list[int], truth: list[int]) -> set[int]:
    """As the sweep does it: those out of order are asked about, and whoever overtook one of these has changed."""
    stamps = [stored[issue] for issue in listed]
    told = {place: truth[listed[place]] for place in out_of_order(stamps)}
    asked = {listed[place] for place, stamp in told.items() if stamp > stamps[place]}
    return asked | {listed[place] for place in overtaking(stamps, told)}


def test_a_list_in_order_is_believed():
    assert out_of_order([]) == []
    assert out_of_order([5]) == []
    assert out_of_order([5, 4, 4, 1]) == []


def test_one_that_moved_up_is_out_of_order():
    assert out_of_order([2, 9, 8, 7, 3]) == [0]
    assert overtaking([2, 9, 8, 7, 3], {0: 10}) == []


def test_several_that_moved_past_one_are_found_by_it():
    stamps = [1, 1, 5]
    assert out_of_order(stamps) == [2]
    assert overtaking(stamps, {2: 5}) == [0, 1]


def test_one_stale_entry_of_the_index_makes_no_others_doubtful():
    """Stored fresher than the index has it: it stands far behind, and is the only one out of place."""
    stamps = [50, 40, 30, 20, 10, 60]
    assert out_of_order(stamps) == [5]
    assert overtaking(stamps, {5: 5}) == []


@given(st.data())
def test_whoever_overtook_an_issue_that_stayed_as_it_was_is_found_and_nobody_else(data: st.DataObject):
    count = data.draw(st.integers(1, 30))
    stored = data.draw(st.lists(st.integers(0, 40), min_size=count, max_size=count))
    moved = data.draw(st.sets(st.integers(0, count - 1)))
    truth = [
        stamp + data.draw(st.integers(1, 40)) if issue in moved else stamp
        for issue, stamp in enumerate(stored)
    ]
    listed = sorted(range(count), key=lambda issue: -truth[issue])
    found = found_changed(listed, stored, truth)
    overtook = {
        issue
        for issue in moved
        if any(stored[issue] < truth[other] < truth[issue] for other in range(count) if other not in moved)
    }
    assert overtook <= found <= moved
