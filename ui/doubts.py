"""Why a value looks odd, in words."""

from PySide6.QtCore import QCoreApplication

from desktop.plausibility import Doubt
from ui import words


def doubt_text(doubt: Doubt) -> str:
    """Return the doubt as a sentence in the window's language."""
    value = "" if doubt.value is None else words.isolated(words.measured(doubt.value, doubt.unit))
    return {
        "last_time": _tr("Last time {value}."),
        "unusual_at_age": _tr("Unusual at this age."),
        "below": _tr("Less than {value} is unusual here."),
        "above": _tr("More than {value} is unusual here."),
        "over_time_limit": _tr("Longer than the time limit of {value}."),
        "left_running": _tr("Longer than {value}. Was the clock left running?"),
    }[doubt.code].format(value=value)


def fix_text(doubt: Doubt, unit: str | None) -> str:
    """Return the words of the button that takes the value perhaps meant: "Use 20.8 kg"; empty without one."""
    if doubt.fix is None:
        return ""
    return _tr("Use {value}").format(value=words.measured(doubt.fix, unit))


def _tr(text: str) -> str:
    return QCoreApplication.translate("doubts", text)
