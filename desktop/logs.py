"""The log: what happened, never whom it happened to.

Messages name error classes, ids and counts. Values that were recorded are not logged, and exceptions of the
database are logged without their text, because drivers put the values of a row into it.
"""

import copy
import logging
import logging.handlers
import re
from collections.abc import Mapping
from pathlib import Path

MEGABYTE = 1_000_000
_SHOWN_OBJECTS = re.compile(r"[\n(<]")
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redacting(logging.Formatter):
    """Formats exceptions by their places and classes alone, without their own texts, wherever they stand."""

    def format(self, record: logging.LogRecord) -> str:
        clean = copy.copy(record)
        clean.exc_text = None  # another handler may have put the whole text there
        clean.msg = _without_text(record.msg)
        if isinstance(record.args, Mapping):
            clean.args = {name: _without_text(arg) for name, arg in record.args.items()}
        elif record.args:
            clean.args = tuple(map(_without_text, record.args))
        if (
            record.name == "asyncio"
        ):  # its further lines repeat the exception, and it shows what functions were given
            clean.msg, clean.args = _SHOWN_OBJECTS.split(record.getMessage(), maxsplit=1)[0], None
        return super().format(clean)

    def formatException(self, ei: object) -> str:
        assert isinstance(ei, tuple)
        error = ei[1]
        lines: list[str] = []
        told: set[int] = set()  # an error may cause itself
        while isinstance(error, BaseException) and id(error) not in told:
            told.add(id(error))
            lines.append(_class_of(error))
            trace = error.__traceback__
            while trace is not None:
                code = trace.tb_frame.f_code
                lines.append(f"  {code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno} {code.co_name}")
                trace = trace.tb_next
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)


def start_logging(folder: Path, *, level: int = logging.INFO) -> None:
    """Write the log into `folder`, at most five files of one megabyte; raises OSError if it cannot be written."""
    handler = logging.handlers.RotatingFileHandler(
        folder / "kinelog.log", maxBytes=MEGABYTE, backupCount=4, encoding="utf-8", delay=True
    )
    handler.setFormatter(Redacting(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    logging.raiseExceptions = False  # a log that cannot be written would show its arguments instead
    for chatty in ("sqlalchemy", "aiosqlite", "asyncio", "alembic", "qasync"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def _without_text(arg: object) -> object:
    if isinstance(arg, BaseException):
        return _class_of(arg)
    if isinstance(arg, Mapping):
        return {name: _without_text(value) for name, value in arg.items()}
    return [_without_text(value) for value in arg] if isinstance(arg, (list, tuple, set, frozenset)) else arg


def _class_of(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}"
