"""The message bar says what holds now, the gravest first."""

import pytest

from ui.notify import Message, Notifier, Toast, Tone


def titles(notifier: Notifier) -> list[str]:
    return [message.title for message in notifier.messages()]


def test_the_gravest_message_comes_first_and_among_equals_the_newest() -> None:
    notifier = Notifier()
    notifier.raise_("a", Tone.INFO, "info", "")
    notifier.raise_("b", Tone.BAD, "bad", "")
    notifier.raise_("c", Tone.WARN, "older", "")
    notifier.raise_("d", Tone.WARN, "newer", "")
    assert titles(notifier) == ["bad", "newer", "older", "info"]


def test_a_message_stays_until_its_cause_is_cleared() -> None:
    notifier = Notifier()
    notifier.raise_("disk", Tone.BAD, "The disk is full.", "Nothing is lost.")
    notifier.clear("something else")
    assert titles(notifier) == ["The disk is full."]
    notifier.clear("disk")
    assert titles(notifier) == []


def test_the_same_cause_replaces_what_it_said_before() -> None:
    notifier = Notifier()
    notifier.raise_("disk", Tone.BAD, "1 change waits", "")
    notifier.raise_("disk", Tone.BAD, "2 changes wait", "")
    assert titles(notifier) == ["2 changes wait"]


def test_listeners_hear_of_changes_alone() -> None:
    notifier = Notifier()
    heard: list[list[str]] = []
    notifier.messages_changed.connect(lambda: heard.append(titles(notifier)))
    notifier.raise_("a", Tone.INFO, "one", "")
    notifier.raise_("a", Tone.INFO, "one", "")
    notifier.clear("b")
    notifier.clear("a")
    assert heard == [["one"], []]


def test_an_error_can_be_dismissed_and_a_cause_cannot() -> None:
    notifier = Notifier()
    notifier.error("Save the task", "The disk is full.")
    notifier.raise_("disk", Tone.INFO, "The disk is nearly full.", "")
    assert [message.dismissible for message in notifier.messages()] == [True, False]


@pytest.mark.parametrize("tone", Tone)
def test_each_tone_has_its_word(tone: Tone) -> None:
    notifier = Notifier()
    speak = {Tone.BAD: notifier.error, Tone.WARN: notifier.warn, Tone.INFO: notifier.info}[tone]
    speak("title", "text")
    assert notifier.messages() == (Message("title", tone, "title", "text", dismissible=True),)


def test_three_actions_are_one_too_many() -> None:
    def act() -> None:
        raise AssertionError("nobody pressed it")

    with pytest.raises(ValueError, match="at most two"):
        Notifier().raise_("a", Tone.BAD, "", "", [("1", act), ("2", act), ("3", act)])


def test_a_toast_brings_its_undo() -> None:
    notifier = Notifier()
    toasts: list[Toast] = []
    undone: list[str] = []
    notifier.toast_requested.connect(toasts.append)
    notifier.toast("Heel-to-toe walk deleted", lambda: undone.append("walk"))
    [toast] = toasts
    assert toast.text == "Heel-to-toe walk deleted"
    assert toast.undo is not None
    toast.undo()
    assert undone == ["walk"]
