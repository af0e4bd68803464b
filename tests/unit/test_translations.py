"""The catalogues: complete, in step with the program, written by the rules of both languages."""

from __future__ import annotations

import ast
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import translations

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "resources" / "i18n"
LUPDATE = [str(Path(sys.executable).parent / "pyside6-lupdate")]
CHINESE, ENGLISH = "studio_zh_CN.ts", "studio_en.ts"

# Texts that are the same in Chinese: names, keys and figures.
AS_THEY_ARE = {"Moda Studio", "Top p", "Enter", "Ctrl+Enter", "Esc", "{n} / {limit}"}
# English words that are told apart in Chinese by where they stand.
TOLD_APART = {"failed"}
HAN = "一-鿿"
FULL_WIDTH = "，。；：？！（）、“”…"


@dataclass(frozen=True)
class Entry:
    """One text of a catalogue; `forms` has more than one where a number is counted."""

    context: str
    source: str
    forms: tuple[str, ...]
    state: str  # "" when finished
    counted: bool

    @property
    def id(self) -> str:
        return f"{self.context}: {self.source[:60]}"


def entries(path: Path) -> Iterator[Entry]:
    """Everything in a catalogue."""
    for context in ET.parse(path).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            forms = [form.text or "" for form in translation.iter("numerusform")]
            yield Entry(
                context.findtext("name", ""),
                message.findtext("source", ""),
                tuple(forms) or (translation.text or "",),
                translation.get("type", ""),
                message.get("numerus") == "yes",
            )


@cache
def committed(name: str) -> tuple[Entry, ...]:
    """A catalogue as it is in the project."""
    return tuple(entries(FOLDER / name))


def chinese() -> Iterator[tuple[Entry, str]]:
    """Every Chinese text with where it belongs."""
    for entry in committed(CHINESE):
        for form in filter(None, entry.forms):
            yield entry, form


def wrong(pattern: str) -> list[str]:
    """The Chinese texts in which a pattern is found."""
    return [form for _, form in chinese() if re.search(pattern, form)]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the catalogues that the collector has gone over."""
    folder: Path = tmp_path_factory.mktemp("i18n")
    for name in translations.CATALOGUES:
        (folder / name).write_bytes((FOLDER / name).read_bytes())
    translations.update(ROOT, folder, LUPDATE)
    return folder


@pytest.mark.parametrize("name", [CHINESE, ENGLISH])
def test_the_catalogue_is_in_step_with_the_program(name: str, fresh: Path) -> None:
    collected = set(entries(fresh / name))
    assert collected ^ set(committed(name)) == set(), "run packaging/dev.py translate"


@pytest.mark.parametrize("name", [CHINESE, ENGLISH])
def test_nothing_waits_for_a_translator(name: str) -> None:
    assert [entry.id for entry in committed(name) if entry.state or not all(entry.forms)] == []
    assert translations.unfinished(FOLDER)[name] == 0


def test_a_new_text_is_noticed_and_an_old_one_goes(tmp_path: Path) -> None:
    module = tmp_path / "studio" / "page.py"
    module.parent.mkdir()
    folder = tmp_path / "i18n"
    module.write_text(
        "class Page(QWidget):\n"
        "    def name(self):\n"
        '        return self.tr("Old"), self.tr("%n picture(s)", "", 2)\n'
    )
    translations.update(tmp_path, folder, LUPDATE)
    assert translations.unfinished(folder) == {CHINESE: 2, ENGLISH: 1}
    module.write_text(module.read_text().replace("Old", "New words"))
    translations.update(tmp_path, folder, LUPDATE)
    assert {entry.source for entry in entries(folder / CHINESE)} == {"New words", "%n picture(s)"}


class Marks(ast.NodeVisitor):
    """Finds every call that turns a text into the user's language or marks it for that."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.classes: list[str] = []
        self.found: set[tuple[str, str]] = set()
        self.unreadable: list[str] = []
        self.visit(ast.parse(path.read_text(encoding="utf-8")))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        self.classes.append(node.name)
        self.generic_visit(node)
        self.classes.pop()

    def visit_Assign(self, node: ast.Assign) -> None:
        value = ast.unparse(node.value)
        names = [ast.unparse(target) for target in node.targets]
        # The collector goes by the name: under another one it sees nothing.
        if value.endswith(".translate") and names != ["translate"]:
            self._complain(node, f"call it translate, not {names}")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = ast.unparse(node.func)
        if function == "self.tr":
            self._note(node, self.classes[-1:], node.args[:1])
        elif function in ("QT_TRANSLATE_NOOP", "translate", "QCoreApplication.translate"):
            if len(node.args) > 3:
                self._complain(node, "the collector sees a count in self.tr only")
            self._note(node, [], node.args[:2])
        self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
        for call in calls:
            if ast.unparse(call.func).endswith(("self.tr", "translate")):
                self._complain(call, "the collector does not look into f-strings")
        self.generic_visit(node)

    def _note(self, node: ast.Call, before: list[str], arguments: list[ast.expr]) -> None:
        try:
            parts = [*before, *(ast.literal_eval(each) for each in arguments)]
        except ValueError:
            # ui/look/text.py translates what other rooms have marked.
            if self.path.name != "text.py":
                self._complain(node, "a text that is put together cannot be collected")
            return
        context, text = parts
        self.found.add((context, text))

    def _complain(self, node: ast.AST, why: str) -> None:
        line = getattr(node, "lineno", 0)
        self.unreadable.append(f"{self.path.relative_to(ROOT)}:{line}: {why}")


@cache
def marks() -> tuple[Marks, ...]:
    """The marks in every module of the program."""
    return tuple(Marks(ROOT / path) for path in translations.sources(ROOT))


def test_the_collector_can_see_every_mark() -> None:
    assert [complaint for each in marks() for complaint in each.unreadable] == []


def test_the_collector_misses_nothing(fresh: Path) -> None:
    collected = {(entry.context, entry.source) for entry in entries(fresh / CHINESE)}
    assert set().union(*(each.found for each in marks())) ^ collected == set()


def fields(text: str) -> list[str]:
    """What is filled in later: {host}, %1, %n."""
    return sorted(re.findall(r"\{\w+\}|%n|%\d", text))


@pytest.mark.parametrize("name", [CHINESE, ENGLISH])
def test_what_is_filled_in_is_the_same_in_both_languages(name: str) -> None:
    differing = [
        entry.id
        for entry in committed(name)
        if any(form and fields(form) != fields(entry.source) for form in entry.forms)
    ]
    assert differing == []


def test_plurals_have_as_many_forms_as_the_language() -> None:
    assert {len(entry.forms) for entry in committed(CHINESE)} == {1}
    assert {len(entry.forms) for entry in committed(ENGLISH)} == {2}
    assert {entry.source for entry in committed(ENGLISH)} == {
        entry.source for entry in committed(CHINESE) if entry.counted
    }
    assert not any("(s)" in form for entry in committed(ENGLISH) for form in entry.forms)


def test_every_chinese_text_is_chinese() -> None:
    foreign = {form for _, form in chinese() if not re.search(f"[{HAN}{FULL_WIDTH}]", form)}
    assert foreign == AS_THEY_ARE & foreign
    assert {entry.source for entry, form in chinese() if form == entry.source} == foreign


def test_chinese_punctuation_is_full_width() -> None:
    assert wrong(rf"[{HAN}][,.;:?!()\"']|[,.;:?!()\"'][{HAN}]|\.\.\.") == []
    # Buttons and progress have the short ellipsis, as desktops have it in Chinese.
    assert wrong("……") == []


def test_a_space_stands_between_chinese_and_latin_and_none_beside_full_width_signs() -> None:
    # %1 of the line that says where the token is kept is Chinese itself.
    assert wrong(rf"[{HAN}][A-Za-z0-9]|(?<!%)[A-Za-z0-9][{HAN}]") == []
    assert wrong(rf"[{HAN}]\{{(?!words)|\}}[{HAN}]|[{HAN}]%n|%n[{HAN}]") == []
    assert wrong(rf" [{FULL_WIDTH}]|[{FULL_WIDTH}] |  |^ | $") == []


def test_a_sentence_ends_in_both_languages_or_in_none() -> None:
    ends = {".": "。", "?": "？", "…": "…", ":": "："}
    differing = [
        (entry.source, form)
        for entry, form in chinese()
        if entry.context != "units"
        and (ends.get(entry.source[-1], "")) != (form[-1] if form[-1] in ends.values() else "")
    ]
    assert differing == []


def test_one_english_text_is_one_chinese_text_everywhere() -> None:
    said: dict[str, set[str]] = {}
    for entry, form in chinese():
        said.setdefault(entry.source, set()).add(form)
    differing = {source: forms for source, forms in said.items() if len(forms) > 1}
    assert differing.keys() == TOLD_APART, differing


def test_the_words_of_the_service_are_always_the_same() -> None:
    for english, wanted, unwanted in (
        (r"^(?!.*first token).*\btoken\b", "令牌", "密钥(?!环)|词元"),
        (r"\bcredits?\b", "魔粒", "积分|点数"),
        (r"\bkeyring\b", "密钥环", "钥匙串"),
        (r"\bseed\b", "种子", ""),
    ):
        for entry, form in chinese():
            if re.search(english, entry.source, re.IGNORECASE):
                assert re.search(wanted, form), (entry.source, form)
                assert not (unwanted and re.search(unwanted, form)), (entry.source, form)
