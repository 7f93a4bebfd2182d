"""The log: what happened, never whom it happened to.

Messages name error classes, ids and counts. Values that were recorded are not logged, and exceptions of the
database are logged without their text, because drivers put the values of a row into it.
"""

import logging
import logging.handlers
from pathlib import Path

MEGABYTE = 1_000_000
_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class Redacting(logging.Formatter):
    """Formats a traceback by its places and classes alone, without the exceptions' own texts."""

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # perhaps filled by another handler, with the exception's own text
        return super().format(record)

    def formatException(self, ei: object) -> str:
        assert isinstance(ei, tuple)
        error = ei[1]
        lines: list[str] = []
        while isinstance(error, BaseException):
            lines.append(f"{type(error).__module__}.{type(error).__qualname__}")
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
    for chatty in ("sqlalchemy", "aiosqlite", "asyncio", "alembic", "qasync"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
