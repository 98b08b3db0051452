"""The front end is built again exactly when something that goes into it has changed, and runs on any address."""

from pathlib import Path

import pytest

from sprintreports.ui import build
from sprintreports.ui.policy import content_policy
from sprintreports.ui.same_origin import SameOrigin, own_origin


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "rxconfig.py",
        "sprintreports/sprintreports.py",
        "sprintreports/ui/a.py",
        "assets/a.css",
        "reflex.lock/l",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "name", ["rxconfig.py", "sprintreports/ui/pages/new.py", "assets/fonts/b.woff2", "reflex.lock/l"]
)
def test_a_source_that_changes_wants_a_build(root: Path, name: str):
    before = build.fingerprint(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("changed")
    assert build.fingerprint(root) != before


def test_what_is_no_source_wants_none(root: Path):
    before = build.fingerprint(root)
    for name in ("sprintreports/metrics/velocity.py", "sprintreports/ui/__pycache__/a.py", "README.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("changed")
    assert build.fingerprint(root) == before


def test_built_once_then_reused(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    builds: list[Path] = []

    def pretend(_root: Path, web: Path) -> None:
        builds.append(web)
        for name in ("build/client", "backend"):
            (web / name).mkdir(parents=True, exist_ok=True)
        (web / "routes.json").write_text("{}")
        (root / "reflex.lock" / "l").write_text("rewritten by the build")

    monkeypatch.setattr(build, "_build", pretend)
    web = tmp_path / "web"
    assert build.ensure_built(root, into=web) == build.ensure_built(root, into=web)
    assert len(builds) == 1
    assert build.is_built(root, into=web)
    (root / "assets" / "a.css").write_text("changed")
    assert not build.is_built(root, into=web)
    build.ensure_built(root, into=web)
    assert len(builds) == 2
    build.pack(web, tmp_path / "packed")
    assert sorted(path.name for path in (tmp_path / "packed").iterdir()) == [
        "backend", "build", "built-from.sha256", "routes.json",
    ]  # fmt: skip
    (web / "plotly-basic.min.js").write_text("drawn")
    build.pack(web, tmp_path / "with")
    assert (tmp_path / "with" / "plotly-basic.min.js").read_text() == "drawn"


def test_baked_addresses_become_the_pages_own():
    script = (
        'e={PING:`http://localhost:8000/ping`,EVENT:"ws://localhost:8000/_event"},d="http://localhost:3000/x"'
    )
    changed, count = own_origin(script)
    assert count == 2
    assert '(location.origin+"/ping")' in changed
    assert 'location.origin.replace(/^http/,"ws")+"/_event"' in changed
    assert "localhost:3000" in changed


def test_a_build_without_an_address_to_replace_is_refused(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.js").write_text("nothing here")
    with pytest.raises(RuntimeError, match="build has changed"):
        SameOrigin().post_build(static_dir=tmp_path)


def test_the_policy_names_the_inline_scripts_of_the_build():
    policy = content_policy(['<script src="/a.js"></script><script type="module">go()</script>'])
    assert policy.count("'sha256-") == 1
    assert "script-src 'self' 'sha256-" in policy
    assert "'unsafe-inline'" not in policy.split("style-src", maxsplit=1)[0]
