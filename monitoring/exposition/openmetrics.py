"""`/metrics`: the whole fleet from any node, in OpenMetrics or Prometheus' classic text format, as requested."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET
from redis import RedisError

from monitoring import conf, redis_connections
from monitoring.access import Refused, guarded, unavailable
from monitoring.extras import MissingExtraError, needed
from monitoring.fleet import totals
from monitoring.fleet.totals import NodeTotals
from monitoring.site import SiteUnknownError

try:
    with needed("prometheus_client"):
        from monitoring.exposition import families
except MissingExtraError as missing:
    metrics = unavailable(missing)
else:

    @never_cache
    @require_GET
    @gzip_page
    @guarded
    def metrics(request: HttpRequest) -> HttpResponse:
        """The totals of all nodes; 503 while the Redis that holds them is unavailable."""
        body, content_type = families.written(_read(), request.headers.get("Accept", ""))
        return HttpResponse(body, content_type=content_type)


def _read() -> list[NodeTotals]:
    redis_url = conf.current().redis_url
    if not redis_url:
        raise Refused(503, "no_redis", "The setting REDIS_URL is missing: nodes cannot share their totals")
    try:
        with redis_connections.connect(redis_url) as client:
            return totals.read(client)
    except SiteUnknownError as error:
        raise Refused(503, "database_away", "The database, which holds the site's name, is unavailable") from error
    except RedisError as error:
        raise Refused(503, "redis_away", "Redis, which holds the nodes' totals, is unavailable") from error
