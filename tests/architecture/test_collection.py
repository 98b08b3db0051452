"""Every process collects the same tests: what pytest-xdist needs, and what a set in a parameter breaks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.unmeasured

ROOT = Path(__file__).resolve().parents[2]


def collected(hash_seed: int) -> list[str]:
    """The ids of all tests, as a process with this hash seed collects them."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests", "--collect-only", "-vq"],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_the_order_and_names_of_tests_do_not_depend_on_the_hash_seed():
    first, second = collected(1), collected(2)
    assert len(first) > 1000
    assert first == second
