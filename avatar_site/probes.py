"""Probed addresses: load balancers, Kubernetes and Prometheus know a node's address, not the site's name."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
PROBES_ALONE = [r"^(healthz|readyz|metrics)$"]
"""In the same form as Django's list of addresses that are not redirected to HTTPS."""


class CommonMiddlewareButProbes(CommonMiddleware):
    """Django's own middleware, which refuses hosts that are not allowed; probes are exempt."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path in PROBES else super().process_request(request)
