"""The answer about counts by label."""

from __future__ import annotations

from datetime import datetime

from ninja import Schema
from pydantic import Field


class Breakdown(Schema):
    """Counts by label in buckets of equal width, such as departures by cause."""

    kind: str
    tier: str = Field(description="The records that the counts are made from: second, minute, hour or day.")
    start: datetime = Field(serialization_alias="from", description="Start of the counted range, as in a series.")
    end: datetime = Field(serialization_alias="to", description="End of the counted range, at the latest now.")
    nodes: list[str] = Field(description="Empty for the whole fleet.")
    bucket_seconds: int
    times: list[datetime] = Field(description="The starts of the buckets, including empty ones.")
    coverage: list[float] = Field(description="The measured share of each bucket, 0 to 1.")
    totals: dict[str, int] = Field(description="The counts of each label over the whole range, the highest first.")
    counts: dict[str, list[int | None]] = Field(description="The same per bucket; null where nothing was measured.")
