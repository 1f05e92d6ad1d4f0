"""Libraries that only some features need, and what is said where one of them is missing.

The package installs without them; each of its extras, which pyproject.toml lists, brings those of one feature. Settings
import this module, so it needs no Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

EXTRAS = {
    "celery": ("celery", "celery"),
    "ninja": ("django-ninja", "api"),
    "prometheus_client": ("prometheus-client", "api"),
    "pyarrow": ("pyarrow", "parquet"),
    "opentelemetry": ("opentelemetry-sdk opentelemetry-exporter-otlp-proto-http", "otlp"),
    "rich": ("rich", "export"),
    "apprise": ("apprise", "alerts"),
    "cryptography": ("cryptography", "alerts"),
    "psutil": ("psutil", "system"),
}
"""The name under which each is imported, that under which it is installed, and its extra."""


class MissingExtraError(ImportError):
    """A library is not installed; the text says what to install."""


def missing(library: str) -> str:
    install, extra = EXTRAS[library]
    return f"{library} is not installed: pip install {install}, or the extra avatar-monitoring[{extra}]"


@contextmanager
def needed(library: str) -> Iterator[None]:
    """Around the import of a library, or of a module that needs it. Raises MissingExtraError if it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != library:
            raise
        raise MissingExtraError(missing(library)) from error
