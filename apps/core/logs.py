"""Log lines: readable text or JSON, the request's id in each, and of an error its class and stack but no values.

An exception's message may quote what it choked on (a name, a row of the database), so it is never written; the texts of
`FoveaError` are the exception, being written for people and free of patient data.
"""

import logging
import traceback
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import orjson

from apps.core.errors import FoveaError
from apps.core.requests import request_id

# Nothing here writes these, and every record would pay for looking them up.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

MAX_FRAMES: Final = 40
MAX_CHAIN: Final = 5


def stack_without_values(error: BaseException) -> str:
    """The classes of an exception and its causes, innermost last, each with file, line and function of its frames."""
    lines: list[str] = []
    cause: BaseException | None = error
    for _ in range(MAX_CHAIN):
        if cause is None:
            break
        frames = traceback.extract_tb(cause.__traceback__)[-MAX_FRAMES:]
        lines.append(_named(cause))
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return "\n".join(lines)


def _named(error: BaseException) -> str:
    kind = type(error)
    detail = f": {_one_line(error.detail)}" if isinstance(error, FoveaError) else ""
    return f"{kind.__module__}.{kind.__qualname__}{detail}"


class Text(logging.Formatter):
    """`2026-11-21T08:15:30.123Z INFO [3f2a…] fovea.request: request method=GET …`"""

    def format(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {key}={value}" for key, value in getattr(record, "facts", {}).items() if value != "")
        mark = f" [{request_id()}]" if request_id() else ""
        line = f"{_time(record)} {record.levelname}{mark} {record.name}: {_one_line(record.getMessage() + facts)}"
        error = _error_of(record)
        return f"{line}\n{stack_without_values(error)}" if error else line


class Json(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id(),
            **getattr(record, "facts", {}),
        }
        if error := _error_of(record):
            line["error"] = _named(error)
            line["stack"] = stack_without_values(error)
        return orjson.dumps(line, default=str).decode()


class NoTaskResults(logging.Filter):
    """Drops django-q2's lines that quote a failed task's message: the job's row and our own line tell of it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Failed '")


def _time(record: logging.LogRecord) -> str:
    return f"{_second(int(record.created))}.{int(record.msecs):03d}Z"


@lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _error_of(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if record.exc_info else None


def _one_line(text: str) -> str:
    """Without what could end the line and so forge another, or take hold of the terminal that shows it."""
    return text if text.isprintable() else "".join(each if each.isprintable() else " " for each in text)
