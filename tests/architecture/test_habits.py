"""The habits that no linter knows."""

import ast
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "sprintreports").rglob("*.py"))
LONGEST = 400


def test_there_are_sources():
    assert len(SOURCES) > 50


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_small_and_says_what_it_is(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST, "split it: a room got crowded"
    assert ast.get_docstring(ast.parse(text)), "one honest docstring per module"


def test_only_doors_open_transactions():
    allowed = {"kit/db.py", "api/", "ui/", "jobs/", "cli/"}
    offenders = [
        str(path.relative_to(ROOT / "sprintreports"))
        for path in SOURCES
        if re.search(r"with (?:db\.)?transaction\(\)", path.read_text())
        and not str(path.relative_to(ROOT / "sprintreports")).startswith(tuple(allowed))
    ]
    assert offenders == []


def test_no_event_needs_the_browser_to_evaluate_a_script():
    # The pages' Content-Security-Policy refuses it; `ui/telling.py` is the way that needs none.
    evaluated = re.compile(
        r"rx\.(toast\.(?!provider)|call_script|call_function|run_script|set_clipboard|download\(|scroll_to|console_log"
        r"|window_alert|clear_selection)"
    )
    folder = ROOT / "sprintreports" / "ui"
    offenders = [
        str(path) for path in SOURCES if folder in path.parents and evaluated.search(path.read_text())
    ]
    assert [name for name in offenders if not name.endswith("ui/telling.py")] == []


def test_nobody_but_the_door_commits():
    offenders = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"\bsession\.(commit|rollback)\(", path.read_text())
    ]
    assert offenders == []


def test_every_requirement_has_a_reason():
    for name in ("requirements.in", "requirements-dev.in"):
        for line in (ROOT / name).read_text().splitlines():
            if line and not line.startswith(("#", "-r ")):
                assert re.search(r"#\s+\S.{10,}", line), f"{name}: {line}"


def test_locks_are_hashed_and_name_no_registry():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z0-9][\w.\-\[\]]*==", text, re.MULTILINE | re.IGNORECASE)
        assert len(pins) > 30
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in listed.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_path_of_one_machine_is_committed():
    workplace = "/" + "work" + "/"
    for path in _tracked():
        content = path.read_bytes()
        assert workplace.encode() not in content, path


def test_make_names_the_verbs():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for verb in ("run", "dev", "test", "check", "conformance", "bench", "audit", "help"):
        assert re.search(rf"^{verb}\s+\S", shown, re.MULTILINE), verb


def test_the_image_runs_only_scripts_that_are_tested():
    steps = re.findall(r"^RUN (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert [Path(step).name for step in steps] == ["build-app.sh", "install-printer.sh", "prepare-runtime.sh"]
    for step in steps:
        script = ROOT / "deploy" / "docker" / Path(step).name
        assert script.stat().st_mode & 0o111
        assert Path(step).name in (ROOT / "tests" / "integration" / "test_image.py").read_text()


def test_compose_starts_what_the_readme_says():
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    assert set(services) == {"postgres", "redis", "migrate", "web", "worker"}
    assert services["web"]["command"] == ["web"]
    assert services["worker"]["command"] == ["worker"]
    assert services["migrate"]["command"] == ["migrate"]
    for name in ("web", "worker", "migrate"):
        assert "SPRINTREPORTS_SECRET_KEY" in services[name]["environment"]


def test_alembic_is_no_package():
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_ci_calls_make_test():
    assert "make test" in (ROOT / ".ci" / "run").read_text()
