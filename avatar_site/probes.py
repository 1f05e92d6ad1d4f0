"""What is asked by address: load balancers, Kubernetes and Prometheus know a node's address and no name of the site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
PROBES_ALONE = [r"^(healthz|readyz|metrics)$"]
"""The same as Django's list of what is not redirected to HTTPS has them."""


class CommonMiddlewareButProbes(CommonMiddleware):
    """Django's own, which refuses what does not name one of the allowed hosts; probes need none."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        return None if request.path in PROBES else super().process_request(request)
