"""What stands in the form of a new session, to be put back after a lock or a crash."""

from collections.abc import Iterator, Mapping
from uuid import UUID

from ui.dialogs.entries import MeasureField
from ui.dialogs.session_form import SessionForm
from ui.widgets.choice import Choice
from ui.widgets.field import LineField

CHILD, KNOWN, ASSESSOR, PROTOCOL, NOTES = "child", "known", "assessor", "protocol", "notes"


def content_of(form: SessionForm) -> dict[str, str]:
    """Return all that was typed and chosen; `known` is the last session of a child who was seen before."""
    known = form.child.child
    lines = {name: field.text() for name, field in _lines(form)}
    reasons = {f"{name}_reason": measure.remark() for name, measure in _measures(form)}
    choices = {name: str(choice.currentData() or "") for name, choice in _choices(form)}
    return {
        CHILD: form.child.text(),
        KNOWN: str(known.last_session) if known else "",
        ASSESSOR: str(form.assessor.currentData() or ""),
        PROTOCOL: str(form.protocol.currentIndex()),
        NOTES: form.notes.toPlainText(),
        **lines,
        **reasons,
        **choices,
    }


def put_back(form: SessionForm, content: Mapping[str, str]) -> None:
    """Show what was typed and chosen, as if it were typed again."""
    if form.child.child is None:
        form.child.name.set_text(content.get(CHILD, ""))
    for name, field in _lines(form):
        if content.get(name, "") != field.text():
            field.set_text(content.get(name, ""))
            field.edited.emit(field.text())
    for name, measure in _measures(form):
        measure.put_reason(content.get(f"{name}_reason", ""))
    for name, choice in _choices(form):
        choice.choose(content.get(name) or None)
    if content.get(ASSESSOR):
        form.choose_assessor(UUID(content[ASSESSOR]))
    form.protocol.setCurrentIndex(int(content.get(PROTOCOL) or 0))
    form.notes.setPlainText(content.get(NOTES, ""))
    form.fields.unfold_if_filled()


def _lines(form: SessionForm) -> Iterator[tuple[str, LineField]]:
    yield "birth", form.fields.birth  # first: whether the weeks are asked for follows from it
    yield "age", form.fields.age
    yield "weeks", form.fields.weeks
    yield "identifier", form.fields.identifier
    yield "day", form.day
    for name, measure in _measures(form):
        yield name, measure.line


def _measures(form: SessionForm) -> tuple[tuple[str, MeasureField], ...]:
    return ("height", form.height_field), ("weight", form.weight_field)


def _choices(form: SessionForm) -> Iterator[tuple[str, Choice]]:
    yield "sex", form.fields.sex
    yield "handedness", form.fields.handedness
    yield "consent", form.consent
