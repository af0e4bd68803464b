"""Gathering measures from benchmark programs, with real programs as processes."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import benchmarks
import dev
import pytest
from environment import SetupError


def measure(**changed: Any) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "bench": "startup",
        "measure": "first paint",
        "value": 412.345678,
        "unit": "ms",
        "limit": None,
        "ratio": 1.4,
        "bar": 2.0,
        "ok": True,
        "runs": 7,
    }
    return {**whole, **changed}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of benchmark programs."""
    here = tmp_path / "bench"
    here.mkdir()
    return here


def write(folder: Path, name: str, *measures: dict[str, Any], code: int = 0) -> Path:
    program = folder / f"{name}.py"
    program.write_text(
        f"import sys\nprint('working', file=sys.stderr)\nprint({json.dumps(measures)!r})\n"
        f"sys.exit({code})\n",
        encoding="utf-8",
    )
    return program


def run(*programs: Path) -> tuple[list[dict[str, Any]], bool]:
    return benchmarks.run_all(programs, Path(sys.executable), programs[0].parent, dict(os.environ))


def test_measures_of_all_programs_come_in_one_list(folder: Path) -> None:
    one = write(folder, "one", measure(bench="one"))
    two = write(folder, "two", measure(bench="two"), measure(bench="two", measure="again"))
    measures, fine = run(one, two)
    assert [(m["bench"], m["measure"]) for m in measures] == [
        ("one", "first paint"),
        ("two", "first paint"),
        ("two", "again"),
    ]
    assert fine


def test_one_measure_that_is_not_ok_is_not_fine(folder: Path) -> None:
    good = write(folder, "good", measure())
    bad = write(folder, "bad", measure(ok=False, ratio=2.5), code=1)
    measures, fine = run(good, bad)
    assert len(measures) == 2
    assert not fine


def test_a_program_that_breaks_is_named_and_the_others_still_run(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = folder / "broken.py"
    broken.write_text("raise SystemExit('no screen')\n", encoding="utf-8")
    measures, fine = run(broken, write(folder, "good", measure()))
    assert len(measures) == 1
    assert not fine
    assert "broken: exit code 1" in capfd.readouterr().err


@pytest.mark.parametrize(
    "output",
    [
        "",
        "[]",
        "{}",
        "not json",
        "[1]",
        json.dumps([{"bench": "x"}]),
        json.dumps([measure(ok="y")]),
    ],
)
def test_output_that_is_no_list_of_measures_is_refused(output: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        benchmarks.parse(output)


def test_the_table_shows_value_ratio_and_verdict() -> None:
    lines = benchmarks.table([measure(), measure(measure="gap", ok=False, ratio=None)]).splitlines()
    assert " ".join(lines[1].split()) == "ok startup first paint 412 ms - 1.4 2 7"
    assert lines[2].startswith("NOT OK")


def test_programs_are_found_by_name_and_helpers_are_not(folder: Path) -> None:
    one, two = write(folder, "one", measure()), write(folder, "two", measure())
    write(folder, "_shared", measure())
    write(folder, "conftest", measure())
    assert benchmarks.find(folder, []) == [one, two]
    assert benchmarks.find(folder, ["two"]) == [two]
    with pytest.raises(SetupError, match=r"no benchmark called three; there are: one, two"):
        benchmarks.find(folder, ["three"])


def test_bench_writes_the_json_it_was_asked_for_and_says_when_it_is_not_ok(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, "slow", measure(bench="slow", ok=False))
    monkeypatch.setattr(dev, "ROOT", folder.parent)
    monkeypatch.setattr(dev, "_set_up", lambda wanted, needs: Path(sys.executable))
    (folder.parent / "tests").mkdir()
    folder.rename(folder.parent / "tests" / "bench")
    target = folder.parent / "deep" / "measures.json"

    assert dev.main(["bench", "--json", str(target)]) == 1

    assert json.loads(target.read_text(encoding="utf-8")) == [measure(bench="slow", ok=False)]
    assert "NOT OK  slow" in capsys.readouterr().out
