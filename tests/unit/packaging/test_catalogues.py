"""Compiling translations, and the wheel that has to carry them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import catalogues
import pytest

ROOT = Path(__file__).parents[3]
LRELEASE = [str(Path(sys.executable).with_name("pyside6-lrelease"))]
CATALOGUE = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context><name>Composer</name>
<message><source>Send</source><translation>{send}</translation></message>
</context>
</TS>
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A catalogue of one string."""
    path = tmp_path / "studio_zh_CN.ts"
    path.write_text(CATALOGUE.format(send="发送"), encoding="utf-8")
    return path


def sent(compiled: Path) -> str:
    """What Qt makes of "Send" with the catalogue; asked in a process of its own."""
    program = (
        "import sys\n"
        "from PySide6.QtCore import QTranslator\n"
        "translator = QTranslator()\n"
        "assert translator.load(sys.argv[1])\n"
        "sys.stdout.buffer.write(translator.translate('Composer', 'Send').encode())\n"
    )
    return subprocess.check_output([sys.executable, "-c", program, str(compiled)]).decode()


def test_what_is_compiled_translates(source: Path) -> None:
    (compiled,) = catalogues.compile_stale(source.parent, LRELEASE)
    assert sent(compiled) == "发送"
    assert sorted(path.name for path in source.parent.iterdir()) == [compiled.name, source.name]


def test_only_what_is_stale_is_compiled(source: Path) -> None:
    (compiled,) = catalogues.compile_stale(source.parent, LRELEASE)
    assert catalogues.compile_stale(source.parent, LRELEASE) == []

    source.write_text(CATALOGUE.format(send="提交"), encoding="utf-8")
    later = compiled.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert catalogues.compile_stale(source.parent, LRELEASE) == [compiled]
    assert sent(compiled) == "提交"


def test_a_broken_catalogue_leaves_the_old_one_alone(source: Path) -> None:
    (compiled,) = catalogues.compile_stale(source.parent, LRELEASE)
    later = compiled.stat().st_mtime + 10
    source.write_text("<TS><context>", encoding="utf-8")
    os.utime(source, (later, later))
    with pytest.raises(subprocess.CalledProcessError):
        catalogues.compile_stale(source.parent, LRELEASE)
    assert sent(compiled) == "发送"


def test_the_wheel_holds_program_resources_and_translations_and_nothing_else(
    tmp_path: Path, source: Path
) -> None:
    # A copy: the build leaves compiled catalogues behind, and a checkout may be read-only.
    project = tmp_path / "project"
    project.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, project)
    leave = shutil.ignore_patterns("__pycache__", "*.qm")
    for name in ("studio", "resources", "packaging"):
        shutil.copytree(ROOT / name, project / name, ignore=leave)
    (project / "resources" / "i18n").mkdir(exist_ok=True)
    shutil.copy(source, project / "resources" / "i18n" / "studio_xx.ts")

    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index"]
    command += ["--no-build-isolation", "--wheel-dir", str(tmp_path / "wheels"), str(project)]
    subprocess.run(command, check=True)

    (wheel,) = (tmp_path / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        entry = archive.read("moda_studio-0.1.0.dist-info/entry_points.txt").decode()
    assert {name.split("/")[0] for name in names} == {"studio", "moda_studio-0.1.0.dist-info"}
    assert "studio/_resources/i18n/studio_xx.qm" in names
    assert "studio/_resources/models.toml" in names
    assert not [name for name in names if name.endswith((".pyc", ".pyo"))]
    assert "moda-studio = studio.__main__:main" in entry
