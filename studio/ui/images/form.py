"""The form of the Images tab: every field of a picture, held to its family's ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from studio.core.drafts import PictureDraft
from studio.core.images import FieldProblem, ImageRequest, problems_of, unreadable
from studio.core.models import Capability, ModelFamily, ModelInfo
from studio.core.texts import QT_TRANSLATE_NOOP
from studio.sessions.models.choices import ModelChoices
from studio.ui.images.fields import NegativePrompt, SeedField, SizeField, caption_row
from studio.ui.images.prompt_field import PromptEditor, PromptField
from studio.ui.look import theme
from studio.ui.look.text import number, translated
from studio.ui.widgets.controls import hairline, label, push_button, set_problem
from studio.ui.widgets.model_picker import ModelPicker
from studio.ui.widgets.number_field import NumberField
from studio.ui.widgets.problem_label import ProblemLabel
from studio.ui.widgets.slider_field import SliderField
from studio.ui.widgets.tab_order import set_order

GENERATE_KEYS = "Ctrl+Return"
_GENERATE_HEIGHT = 42
_GUIDANCE_STEP = 0.1
_NUMBERS = ("width", "height", "seed", "steps", "guidance")
_REFUSED = QT_TRANSLATE_NOOP("image form", "The service refused this: {said}")


class ModelSource(Protocol):
    """What the form asks of the catalogue."""

    def choices(self, capability: Capability) -> ModelChoices:
        """Models that can be chosen."""
        ...

    def find(self, model_id: str) -> ModelInfo:
        """What is known of an id."""
        ...

    def family_of(self, model_id: str) -> ModelFamily:
        """Ranges of an image model."""
        ...


class ImageForm(QWidget):
    """Emits `generate_requested(ImageRequest)`, and only for a request that its family allows."""

    generate_requested = Signal(object)
    model_changed = Signal(str)
    changed = Signal()  # whatever a draft holds
    picture_refused = Signal()

    def __init__(self, catalogue: ModelSource, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._catalogue = catalogue
        self._family = catalogue.family_of(model)
        self._refusal: tuple[ImageRequest, tuple[str, ...], str] | None = None
        self._asked = False  # whether an empty prompt is worth a sentence already
        self._build()
        self._connect()
        self.set_model(model)
        self._retranslate()

    # What others ask of the form.

    @property
    def model(self) -> str:
        """The id of the chosen model."""
        return self._model.model

    def set_model(self, model: str) -> None:
        """Choose a model; values that its family does not allow stay and say so."""
        before, self._family = self._family, self._catalogue.family_of(model)
        family = self._family
        self._model.show_model(model)
        self._size.set_family(family, before)
        fields = (self._seed, self._steps, self._guidance, self._generate)
        set_order(self._model, self._prompt, self._negative, *self._size.stops, *fields)
        self._seed.set_range(family.seed)
        self._steps.set_range(family.steps, 1)
        self._guidance.set_range(family.guidance, _GUIDANCE_STEP)
        self._prompt.set_limit(family.prompt_length)
        self._negative.set_limit(family.prompt_length)
        self._negative.setVisible(family.negative_prompt)
        self._retranslate_values()
        self._check()

    def choose(self, model: str) -> None:
        """Choose a model as the user does: it is the one from now on."""
        self.set_model(model)
        self.model_changed.emit(model)

    def request(self) -> ImageRequest:
        """What the fields say now; it may still be out of range."""
        return ImageRequest(
            self._model.model,
            self._prompt.text().strip(),
            self._negative.text().strip() if self._family.negative_prompt else "",
            self._size.size_pixels(),
            self._seed.value(),
            self._steps.whole(),
            self._guidance.value(),
        )

    def use(self, request: ImageRequest) -> None:
        """Show the settings of an earlier picture; its seed is kept, so it can be made again."""
        self.set_model(request.model or self.model)
        self._prompt.set_text(request.prompt)
        self._negative.set_text(request.negative_prompt)
        self._size.set_size(request.size)
        self._seed.set_value(request.seed, locked=request.seed is not None)
        self._steps.set_value(request.steps)
        self._guidance.set_value(request.guidance)
        self._prompt.setFocus()

    def draft(self) -> PictureDraft:
        """What the fields hold, whatever the model says to it."""
        width, height = self._size.width_field.whole(), self._size.height_field.whole()
        return PictureDraft(
            self._prompt.text(),
            self._negative.text(),
            width,
            height,
            self._seed.value(),
            self._seed.locked,
            self._steps.whole(),
            self._guidance.value(),
        )

    def restore(self, draft: PictureDraft) -> None:
        """Show what was left in the fields at the last end."""
        self._prompt.set_text(draft.prompt)
        self._negative.set_text(draft.negative_prompt)
        self._size.set_sides(draft.width, draft.height)
        self._seed.set_value(draft.seed, locked=draft.seed_kept)
        self._steps.set_value(draft.steps)
        self._guidance.set_value(draft.guidance)

    def write_prompt(self, prompt: str) -> None:
        """Begin with another prompt; Ctrl+Z brings the old one back."""
        self._prompt.set_text(prompt)
        self.write()

    @property
    def prompt_editor(self) -> PromptEditor:
        """Where the prompt is written."""
        return self._prompt.editor

    def write(self) -> None:
        """Put the cursor into the prompt."""
        self._prompt.setFocus()

    def choose_model(self) -> None:
        """Open the list of models."""
        self._model.open()

    def generate(self) -> None:
        """Ask for the picture, or say in place what is missing."""
        self._seed.draw()
        self._asked = True
        problems = self._check()
        if problems:
            self._place_of(problems[0].name).setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self._asked = False
        self.generate_requested.emit(self.request())

    # How it is made.

    def _build(self) -> None:
        self._model = ModelPicker(lambda: self._catalogue.choices(Capability.TEXT_TO_IMAGE))
        self._prompt = PromptField(lines=5)
        self._negative = NegativePrompt()
        self._size = SizeField()
        self._seed = SeedField()
        self._steps = SliderField()
        self._guidance = SliderField(decimals=1)
        self._labels = {
            name: label("label") for name in ("model", "prompt", "size", "seed", "generate")
        }
        self._captions = {name: label("caption") for name in ("model", "seed")}
        self._problems = {
            name: ProblemLabel()
            for name in ("model", "prompt", "negative_prompt", "width", "height", "seed")
        }
        self._labels["prompt"].setBuddy(self._prompt.editor)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._scrolling(), 1)
        column.addWidget(hairline())
        column.addWidget(self._foot())

    def _scrolling(self) -> QScrollArea:
        space = theme.current().space
        page = QWidget()
        page.setProperty("look", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(space.l, space.m, space.l, space.l)
        column.setSpacing(0)
        sections: tuple[tuple[QWidget | QHBoxLayout, ...], ...] = (
            (caption_row(self._labels["model"], self._captions["model"]), self._model),
            (caption_row(self._labels["prompt"]), self._prompt),
            (self._negative,),
            (caption_row(self._labels["size"]), self._size),
            (caption_row(self._labels["seed"], self._captions["seed"]), self._seed),
        )
        notes = (("model",), ("prompt",), ("negative_prompt",), ("width", "height"), ("seed",))
        for parts, names in zip(sections, notes, strict=True):
            for part in parts:
                if isinstance(part, QWidget):
                    column.addWidget(part)
                else:
                    column.addLayout(part)
            for name in names:
                column.addWidget(self._problems[name])
            column.addSpacing(space.l)
        pair = QHBoxLayout()
        pair.setSpacing(space.l)
        pair.addWidget(self._steps, 1, Qt.AlignmentFlag.AlignTop)
        pair.addWidget(self._guidance, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(pair)
        column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(page)
        area.viewport().setAutoFillBackground(False)
        return area

    def _foot(self) -> QWidget:
        space = theme.current().space
        self._generate = push_button("primary", "magic-wand", "accent_on")
        self._generate.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        foot = QWidget()
        foot.setFixedHeight(_GENERATE_HEIGHT + 2 * space.m)
        row = QHBoxLayout(foot)
        row.setContentsMargins(space.l, space.m, space.l, space.m)
        row.addWidget(self._generate)
        return foot

    def _connect(self) -> None:
        self._model.picked.connect(self.choose)
        self._generate.clicked.connect(self.generate)
        for prompt in (self._prompt, self._negative):
            prompt.submitted.connect(self.generate)
            prompt.text_changed.connect(self._check)
            prompt.text_changed.connect(self.changed)
            prompt.editor.picture_refused.connect(self.picture_refused)
        for each in (self._size, self._seed, self._steps, self._guidance):
            each.value_changed.connect(self._check)
            each.value_changed.connect(self.changed)
        self._seed.value_changed.connect(self._retranslate_values)

    # What it says.

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        names = {
            "model": self.tr("Model"),
            "prompt": self.tr("Prompt"),
            "size": self.tr("Size"),
            "seed": self.tr("Seed"),
        }
        for name, words in names.items():
            self._labels[name].setText(words)
        keys = QKeySequence(GENERATE_KEYS).toString(QKeySequence.SequenceFormat.NativeText)
        go = self.tr("Generate")
        self._prompt.set_texts(
            self.tr("Prompt"),
            self.tr("Describe the picture you would like to see"),
        )
        unset = self.tr("default")
        self._steps.set_texts(
            self.tr("Steps"), unset, self.tr("How often the picture is refined; more takes longer")
        )
        self._guidance.set_texts(
            self.tr("Guidance"), unset, self.tr("How closely the picture follows the prompt")
        )
        self._generate.setAccessibleName(go)
        self._generate.setToolTip(keys)
        self._retranslate_values()
        self._check()

    def _retranslate_values(self) -> None:
        side = self._family.side
        words = self.tr("{low} to {high} px a side")
        words = words.replace("{low}", f"{side.low:g}").replace("{high}", f"{side.high:g}")
        self._captions["model"].setText(words)
        self._captions["seed"].setText(
            self.tr("Locked") if self._seed.locked else self.tr("New for each picture")
        )
        cost = self._catalogue.find(self._model.model).cost
        self._generate.setText(self._generate_words(cost))

    def _generate_words(self, cost: float | None) -> str:
        go = self.tr("Generate")
        if cost is None:
            return go
        price = self.tr("about {n} credits").replace("{n}", number(cost))
        if cost == 1:
            price = self.tr("about 1 credit")
        return f"{go}  ·  {price}"

    # What is wrong with it.

    def _check(self) -> tuple[FieldProblem, ...]:
        found = self._found_problems()
        sentences = {
            each.name: translated("image form", each.text, dict(each.values)) for each in found
        }
        shown = {**self._refused_sentences(), **sentences}
        for name, note in self._problems.items():
            note.say(shown.get(name, ""), self._place_of(name))
        self._prompt.set_problem("prompt" in shown)
        self._negative.set_problem("negative_prompt" in shown)
        for name in ("width", "height", "seed"):
            set_problem(self._place_of(name), name in shown)
        self._steps.show_problem(shown.get("steps", ""))
        self._guidance.show_problem(shown.get("guidance", ""))
        return tuple(found)

    def _found_problems(self) -> list[FieldProblem]:
        """What keeps the request from being sent: values out of range, and what is not a number."""
        found = {each.name: each for each in problems_of(self.request(), self._family)}
        if not self._asked and not self._prompt.text().strip():
            found.pop("prompt", None)
        for name in _NUMBERS:
            field = self._place_of(name)
            if isinstance(field, NumberField) and field.unreadable:
                whole = not field.decimals
                found[name] = unreadable(name, field.text(), field.allowed, whole=whole)
        return list(found.values())

    # What the service refused.

    def show_refusal(self, request: ImageRequest, fields: Sequence[str], said: str) -> None:
        """Say at its field which value the service refused, for as long as it stands there."""
        self._refusal = (request, tuple(fields), said)
        self._check()

    def mend(self, request: ImageRequest, fields: Sequence[str], said: str) -> None:
        """Show a refused request with the refusal at its field, to be changed there."""
        self.use(request)
        self.show_refusal(request, fields, said)
        self._place_of(_place_named(fields[0], said)).setFocus()

    def _refused_sentences(self) -> dict[str, str]:
        if self._refusal is None:
            return {}
        refused, fields, said = self._refusal
        now = self.request()
        if now.model != refused.model:
            return {}
        words = translated("image form", _REFUSED, {"said": said})
        return {
            _place_named(name, said): words
            for name in fields
            if getattr(now, name, None) == getattr(refused, name, None)
        }

    def _place_of(self, name: str) -> QWidget:
        places: dict[str, QWidget] = {
            "model": self._model,
            "prompt": self._prompt.editor,
            "negative_prompt": self._negative.editor,
            "width": self._size.width_field,
            "height": self._size.height_field,
            "seed": self._seed.field,
            "steps": self._steps.number(),
            "guidance": self._guidance.number(),
        }
        return places[name]


def _place_named(field: str, said: str) -> str:
    """The number field that a refusal of a size speaks of."""
    height_alone = "height" in said.lower() and "width" not in said.lower()
    return field if field != "size" else "height" if height_alone else "width"
