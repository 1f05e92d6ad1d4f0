"""Records as a Django download, streamed on every kind of server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, StreamingHttpResponse

from monitoring.export import MEDIA_TYPES, stream
from monitoring.export.table import Table


def download(request: HttpRequest, table: Table, format: str, *name: str) -> StreamingHttpResponse:  # noqa: A002
    """The table as a file whose name is made of these words. Raises the same errors as `stream`."""
    parts = stream(table, format)
    file = re.sub(r"[^A-Za-z0-9._]+", "-", "_".join(filter(None, name)))
    return StreamingHttpResponse(
        # An asynchronous server would first collect everything from a synchronous iterator.
        _one_by_one(parts) if isinstance(request, ASGIRequest) else parts,
        content_type=MEDIA_TYPES[format],
        headers={"Content-Disposition": f'attachment; filename="{file}.{format}"'},
    )


async def _one_by_one(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    following = sync_to_async(lambda: next(parts, None))
    while (part := await following()) is not None:
        yield part
