"""packaging/dev.py as a person uses it: as a process, in a checkout, making real environments."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import dev
import pytest
from environment import Environment

if TYPE_CHECKING:
    from tests.unit.packaging.conftest import Checkout

ROOT = Path(__file__).parents[3]
PACKAGING = ROOT / "packaging"
# These run inside .venv, where everything in the lock may be used.
INSIDE = ("wheel_hook", "tour", "screenshots", "torture")


def test_a_first_run_sets_up_and_hands_its_arguments_on(checkout: Checkout, tmp_path: Path) -> None:
    checkout.variables["PYTHONDONTWRITEBYTECODE"] = "1"
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    first = checkout.dev("run", "--self-check", "a b", "--seven", folder=elsewhere)

    assert first.returncode == 7, first.stderr
    assert json.loads(first.stdout) == {
        "arguments": ["--self-check", "a b", "--seven"],
        "folder": str(elsewhere),
        "platform": "offscreen",
        "tiny": "1.0",
    }
    assert "Making .venv" in first.stderr
    # Compiled whatever the shell says: without, every start reads source code.
    assert list(checkout.root.glob(".venv/**/tiny/__pycache__/*.pyc"))
    assert list((checkout.root / "studio" / "__pycache__").glob("__main__.*.pyc"))

    second = checkout.dev("run", "--version")
    assert (second.returncode, second.stderr) == (0, "")

    # The environment is there, so what needs a window plays the tour, which is told where to write.
    unseen = checkout.dev("run")
    assert unseen.stdout == f"tour --out {checkout.root / 'build' / 'tour'}\n"
    assert unseen.stderr.startswith("There is no screen here")
    wished = checkout.dev("run", "--tour", "--out", "shots", folder=elsewhere)
    assert (wished.stdout, wished.stderr) == (f"tour --out {elsewhere / 'shots'}\n", "")

    checkout.variables["DISPLAY"] = ":77"
    shown = checkout.dev("run", "--demo")
    assert json.loads(shown.stdout)["arguments"] == ["--demo"]
    assert json.loads(shown.stdout)["platform"] is None


def test_a_new_lock_is_installed_and_a_wrong_hash_refused(checkout: Checkout) -> None:
    assert checkout.dev("run", "--version").returncode == 0
    checkout.lock_tiny("2.0", digest="0" * 64)

    refused = checkout.dev("run", "--version")
    assert refused.returncode == 1
    assert refused.stderr.count("Traceback") == 0
    assert "pip could not install the packages" in refused.stderr
    assert "DO NOT MATCH THE HASHES" in refused.stderr

    checkout.lock_tiny("2.0")
    mended = checkout.dev("run", "--version")
    assert json.loads(mended.stdout)["tiny"] == "2.0"


def test_starting_the_program_does_not_take_a_developers_tools_out_of_step(
    checkout: Checkout,
) -> None:
    environment = Environment(checkout.root)
    assert checkout.dev("run", "--version").returncode == 0
    environment.write_stamp("dev")
    checkout.lock_tiny("2.0")
    assert json.loads(checkout.dev("run", "--version").stdout)["tiny"] == "2.0"
    assert environment.is_fresh("dev")


def test_an_interrupted_set_up_is_done_again(checkout: Checkout) -> None:
    # What is left when the power goes after the venv was made and before pip had ended.
    half_made = checkout.root / ".venv" / "lib" / "half"
    half_made.mkdir(parents=True)
    (checkout.root / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n", encoding="utf-8")

    done = checkout.dev("run", "--version")

    assert json.loads(done.stdout)["tiny"] == "1.0"
    assert not half_made.exists()


def test_two_at_once_take_turns(checkout: Checkout) -> None:
    both = [checkout.start("run", "--version") for _ in range(2)]
    ended = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0], ended
    assert [json.loads(out)["tiny"] for out, _ in ended] == ["1.0", "1.0"]
    told = "".join(err for _, err in ended)
    assert told.count("Making .venv") == 1
    assert told.count("Another set-up of this checkout is at work") == 1


def test_the_verbs_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        dev.main([])
    assert ended.value.code == 0
    told = capsys.readouterr().out
    for verb in ("run", "test", "check", "bench", "torture", "screenshots", "translate", "lock"):
        assert f"\n    {verb} " in told or f"\n    {verb}\n" in told


def test_an_unknown_verb_is_refused_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        dev.main(["fly"])
    assert ended.value.code == 2
    assert "invalid choice: 'fly'" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there is always a screen there")
@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"QT_QPA_PLATFORM": "offscreen"}, True),
    ],
)
def test_where_a_window_can_open(variables: dict[str, str], shown: bool) -> None:
    assert dev._has_display(variables) is shown


@pytest.mark.parametrize(
    "module", sorted(p.stem for p in PACKAGING.glob("*.py") if p.stem not in INSIDE)
)
def test_what_makes_the_environment_needs_only_python(module: str) -> None:
    tree = ast.parse((PACKAGING / f"{module}.py").read_text(encoding="utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module
            imported.add(node.module.partition(".")[0])
    beside = {path.stem for path in PACKAGING.glob("*.py")} - set(INSIDE)
    assert imported - beside <= sys.stdlib_module_names


def test_an_old_python_is_turned_away_in_words_it_can_read() -> None:
    source = (PACKAGING / "dev.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    # Nothing that could fail on an old one stands before the check.
    before = [type(node) for node in tree.body[:3]]
    assert before == [ast.Expr, ast.ImportFrom, ast.Import]
    check = tree.body[3]
    assert isinstance(check, ast.If)
    assert ast.unparse(check.test) == "sys.version_info < (3, 11)"
    assert "sys.exit(2)" in ast.unparse(check)


def test_the_folder_packaging_is_no_package() -> None:
    # With an __init__.py it would hide the library of the same name that the tools import.
    assert not (PACKAGING / "__init__.py").exists()


def test_what_ci_runs_is_what_the_readme_says() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for command in ("python3 packaging/dev.py run", "python3 packaging/dev.py test"):
        assert command in readme
    # Where it is checked in, the tests with browsers belong to it.
    assert "python3 packaging/dev.py check\npython3 packaging/dev.py test --browsers\n" in script
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
