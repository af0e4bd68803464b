"""The rules of the house, checked over the syntax trees: who imports whom, and what nobody does."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STUDIO = ROOT / "studio"
TOP = {
    "pyproject.toml",
    "README.md",
    "LICENSE",
    "studio",
    "resources",
    "tests",
    "packaging",
}

# Room -> rooms of ours it may import. `app` puts all together and may do all.
MAY_IMPORT: dict[str, set[str]] = {
    "core": set(),
    "providers": {"core"},
    "storage": {"core"},
    "demo": {"core"},
    "sessions": {"core", "providers", "storage"},
    "ui": {"core", "sessions"},
}
# Rooms of features -> what every feature there may use, and which feature may use which other one
# ("": the modules beside the features). Features of `ui` and `sessions` never see each other.
SHARED_INSIDE: dict[str, set[str]] = {
    "ui": {"", "look", "widgets", "transcript"},
    "sessions": {"", "requests", "models"},
    "storage": {"", "db"},
}
SEES: dict[str, dict[str, set[str]]] = {
    "ui": {
        "shell": {"chat", "history", "images", "settings", "transfer"},
        "look": set(),
        "widgets": {"look"},
        "transcript": {"look", "widgets"},
    },
    "sessions": {"": {"requests"}, "requests": set(), "models": {"requests"}},
    # One above the other.
    "storage": {
        "": {"db"},
        "db": set(),
        "pictures": set(),
        "history": {"pictures"},
        "transfer": {"pictures", "history"},
        "maintenance": {"pictures", "history", "transfer"},
    },
}
# The one place that knows all sessions, for those who are handed it.
KNOWS_ALL = {"studio/sessions/studio.py"}
# Modules beside the rooms that some rooms may use.
SHARED = {
    "studio.assets": {"sessions", "ui", "demo"},
    "studio.overrides": {"sessions", "ui"},
    "studio": set(MAY_IMPORT),
}

# Third party -> the only places that may import it.
ONLY_IN: dict[str, tuple[str, ...]] = {
    "openai": ("providers",),
    "anthropic": ("providers",),
    "httpx": ("providers",),
    "httpx2": ("providers",),
    "apsw": ("storage", "app/self_check.py"),
    "keyring": ("storage",),
    "qasync": ("app/main.py",),
    "starlette": ("demo",),
    "uvicorn": ("demo",),
}
QT_MODULES: dict[str, set[str]] = {
    "core": set(),
    "providers": set(),
    "storage": set(),
    "demo": set(),
    "sessions": {"QtCore", "QtGui"},
}
# Only pictures of QtGui are for sessions.
SESSIONS_OF_QTGUI = {"QImage", "QImageReader"}
HEAVY = {
    "openai",
    "anthropic",
    "httpx",
    "httpx2",
    "keyring",
    "PIL",
    "pydantic",
    "starlette",
    "uvicorn",
    "pygments",
    "markdown_it",
    "mathra",
}
MOST_LINES = 400


@dataclass(frozen=True)
class Module:
    """A file of ours and its syntax tree."""

    path: Path
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    @property
    def room(self) -> str:
        """The folder below studio/; what lies beside the rooms counts as app."""
        parts = self.path.relative_to(STUDIO).parts
        return parts[0] if len(parts) > 1 else "app"

    def imports(self) -> Iterator[tuple[str, ast.stmt]]:
        """Every imported module by its full name, with its statement."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module, node
                for alias in node.names:
                    yield f"{node.module}.{alias.name}", node

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """Every call by the dotted name it is written with."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


def modules() -> list[Module]:
    """All files of the program."""
    paths = sorted(STUDIO.rglob("*.py"))
    assert len(paths) > 50
    return [Module(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


MODULES = modules()
ids = [module.name for module in MODULES]
each_module = pytest.mark.parametrize("module", MODULES, ids=ids)


def test_the_top_holds_what_a_newcomer_expects() -> None:
    found = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert found - {"dist", "build"} <= TOP


def test_packaging_is_no_package() -> None:
    assert not (ROOT / "packaging" / "__init__.py").exists()


@each_module
def test_a_room_imports_only_what_it_may(module: Module) -> None:
    if module.room == "app":
        return
    allowed = MAY_IMPORT[module.room] | {module.room}
    for name, node in module.imports():
        if not (name == "studio" or name.startswith("studio.")):
            continue
        room = name.split(".")[1] if "." in name else ""
        shared = any(
            name == known or (known != "studio" and name.startswith(known + "."))
            for known, rooms in SHARED.items()
            if module.room in rooms
        )
        own_version = name in ("studio.__version__", "studio")
        fine = room in allowed or shared or own_version or name == "studio.assets"
        assert fine, f"{module.name}:{node.lineno} imports {name}"
        if name == "studio.assets":
            assert module.room in SHARED["studio.assets"], f"{module.name}:{node.lineno}"


@each_module
def test_features_do_not_see_each_other(module: Module) -> None:
    if module.room not in SEES or module.name in KNOWS_ALL:
        return
    own = feature_of(module.name.removesuffix(".py").replace("/", "."))
    special = SEES[module.room].get(own)
    # What is shared sees what stands for it in the table, features see all that is shared.
    shared = SHARED_INSIDE[module.room]
    allowed = {own, ""} | (special or set())
    if own not in shared:
        allowed |= shared
    for name, node in module.imports():
        if name.startswith(f"studio.{module.room}."):
            other = feature_of(name)
            assert other in allowed, f"{module.name}:{node.lineno} imports {name}"


def feature_of(name: str) -> str:
    """The package within its room that a module, or a name in it, belongs to; "" for none."""
    parts = name.split(".")
    package = STUDIO.joinpath(*parts[1:3]) if len(parts) > 2 else STUDIO
    return parts[2] if len(parts) > 2 and package.is_dir() else ""


@each_module
def test_a_library_is_used_only_where_it_belongs(module: Module) -> None:
    inside = module.path.relative_to(STUDIO).as_posix()
    for name, node in module.imports():
        places = ONLY_IN.get(name.split(".")[0])
        if places is not None:
            assert inside.startswith(places), f"{module.name}:{node.lineno} imports {name}"


@each_module
def test_qt_stays_where_it_belongs(module: Module) -> None:
    allowed = QT_MODULES.get(module.room)
    if allowed is None:
        return
    for name, node in module.imports():
        if name.startswith("PySide6."):
            parts = name.split(".")
            assert parts[1] in allowed, f"{module.name}:{node.lineno} imports {name}"
            if parts[1] == "QtGui" and len(parts) > 2:
                assert parts[2] in SESSIONS_OF_QTGUI, f"{module.name}:{node.lineno}: {name}"


@each_module
def test_nothing_heavy_is_loaded_with_a_module(module: Module) -> None:
    if module.room == "demo":
        return  # it runs in a process of its own; its launcher is tested by what it loads
    for node in module.tree.body:
        for name, _ in Module(module.path, ast.Module([node], [])).imports():
            at_top = isinstance(node, ast.Import | ast.ImportFrom)
            if at_top and name.split(".")[0] in HEAVY:
                allowed = module.room == "ui" and "transcript" in module.name
                assert allowed, f"{module.name}:{node.lineno} loads {name} at once"


@each_module
def test_tasks_start_in_one_place(module: Module) -> None:
    if module.name == "studio/sessions/requests/tasks.py":
        return
    for name, node in module.calls():
        last = name.rpartition(".")[2]
        assert last not in ("create_task", "ensure_future"), f"{module.name}:{node.lineno}"


@each_module
def test_links_leave_the_program_in_one_place(module: Module) -> None:
    for name, node in module.calls():
        if name.endswith("QDesktopServices.openUrl") or name.startswith("webbrowser."):
            assert module.name == "studio/ui/links.py", f"{module.name}:{node.lineno}"


@each_module
def test_nothing_sleeps_spins_or_evaluates(module: Module) -> None:
    for name, node in module.calls():
        forbidden = name in ("time.sleep", "eval", "exec") or name.endswith("processEvents")
        forbidden |= name in ("pickle.load", "pickle.loads", "yaml.load")
        assert not forbidden, f"{module.name}:{node.lineno} calls {name}"


@each_module
def test_a_module_says_what_it_is_for(module: Module) -> None:
    words = ast.get_docstring(module.tree)
    assert words, module.name
    first = words.splitlines()[0]
    assert first.endswith((".", ":")), f"{module.name}: {first}"


@each_module
def test_a_file_stays_readable(module: Module) -> None:
    lines = len(module.path.read_text(encoding="utf-8").splitlines())
    assert lines <= MOST_LINES, f"{module.name} has {lines} lines"


@each_module
def test_colours_have_names(module: Module) -> None:
    if module.room != "ui" or module.name == "studio/ui/look/theme.py":
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            hexadecimal = re.fullmatch(r"#[0-9A-Fa-f]{3,8}", node.value)
            assert not hexadecimal, f"{module.name}:{node.lineno} {node.value}"


@each_module
def test_labels_never_guess_html(module: Module) -> None:
    # `controls.label` makes them plain; QLabel and QMessageBox by themselves guess.
    if module.room != "ui":
        return
    source = module.path.read_text(encoding="utf-8")
    for name, node in module.calls():
        if name in ("QLabel", "QMessageBox", "QtWidgets.QLabel"):
            assert "TextFormat.PlainText" in source, f"{module.name}:{node.lineno} {name}"
        assert not name.endswith((".setHtml", ".insertHtml", ".setMarkdown")), (
            f"{module.name}:{node.lineno} {name}"
        )


@each_module
def test_the_widgets_do_no_work(module: Module) -> None:
    if module.room != "ui":
        return
    for node in ast.walk(module.tree):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), (
            f"{module.name}: a widget awaits"
        )


def test_every_room_is_described_in_its_init() -> None:
    for room in MAY_IMPORT:
        tree = ast.parse((STUDIO / room / "__init__.py").read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), room


@each_module
def test_nobody_asks_a_layout_for_its_items(module: Module) -> None:
    # PySide keeps the wrapper of an item for as long as the layout lives, which may be longer than
    # the item: the next object at its address is then taken for it, and the program dies.
    for name, call in module.calls():
        asked = name.rpartition(".")[2]
        assert asked not in ("itemAt", "itemAtPosition"), f"{module.name}:{call.lineno}"
