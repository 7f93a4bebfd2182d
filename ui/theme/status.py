"""How each outcome of a task looks and what it is called."""

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication


@dataclass(frozen=True)
class Status:
    """Icon, text colour, ground colour and key of one outcome; `key` is empty where no key sets it."""

    icon: str
    tone: str
    soft: str
    key: str = ""


STATUS = {
    "success": Status("circle-check", "ok", "ok_soft", "1"),
    "partial": Status("contrast", "warn", "warn_soft", "2"),
    "failed": Status("octagon-x", "bad", "bad_soft", "3"),
    "not_tested": Status("skip-forward", "muted", "sunken", "0"),
    "refused": Status("ban", "muted", "sunken", "9"),
    "to_do": Status("circle", "subtle", "sunken"),
    "unrated": Status("circle-dashed", "accent", "accent_soft"),
    "running": Status("timer", "accent", "accent_soft"),
    "recovered": Status("rotate-ccw", "warn", "warn_soft"),
}


def status_word(key: str) -> str:
    """The word of an outcome in the user's language, such as "Not tested"; KeyError for an unknown one."""
    return {
        "success": QCoreApplication.translate("Status", "Success"),
        "partial": QCoreApplication.translate("Status", "Partial"),
        "failed": QCoreApplication.translate("Status", "Failed"),
        "not_tested": QCoreApplication.translate("Status", "Not tested"),
        "refused": QCoreApplication.translate("Status", "Refused"),
        "to_do": QCoreApplication.translate("Status", "To do"),
        "unrated": QCoreApplication.translate("Status", "Not rated"),
        "running": QCoreApplication.translate("Status", "Running"),
        "recovered": QCoreApplication.translate("Status", "Recovered"),
    }[key]
