"""Asks a worker to send notices now, by the ways in which nodes ask that alerts be stored: sending follows storing.

If nobody listens, or a request is lost, the next minute sends.
"""

from __future__ import annotations

import logging
import threading

from monitoring import conf, redis_connections, site
from monitoring.fleet import store_request
from monitoring.journal.wake_list import wake_key
from monitoring.parsers import presentable

logger = logging.getLogger(__name__)


class Requests:
    """Passes requests on in a thread, one at a time: whoever asks, such as a web request, does not wait."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_asked = self._is_running = self._is_failing = False

    def ask(self) -> None:
        """Never raises: the caller has committed already."""
        try:
            name = site.name() if conf.current().redis_url else ""  # here, where there is a connection to the database
        except Exception as error:
            self._failed(error)
            return
        with self._lock:
            self._is_asked = True
            if self._is_running:
                return
            self._is_running = True
        threading.Thread(target=self._run, args=(name,), name="asking to send notices", daemon=True).start()

    def _run(self, site_name: str) -> None:
        while True:
            with self._lock:
                if not self._is_asked:
                    self._is_running = False
                    return
                self._is_asked = False
            self._pass_on(site_name)

    def _pass_on(self, site_name: str) -> None:
        try:
            if site_name:
                with redis_connections.connect(conf.current().redis_url) as client:
                    pipe = client.pipeline(transaction=False)
                    pipe.lpush(wake_key(site_name), "1")
                    pipe.ltrim(wake_key(site_name), 0, 0)
                    pipe.execute()
            app = store_request.scheduling_app()
            if app is not None:
                store_request.send(app)
        except Exception as error:  # whatever Redis' and the broker's clients raise
            self._failed(error)
        else:
            self._is_failing = False

    def _failed(self, error: Exception) -> None:
        """The log has one line, however often it fails in a row."""
        if not self._is_failing:
            said = presentable(str(error) or type(error).__name__)
            logger.warning("Cannot ask that notices be sent at once; the next minute sends them: %s", said)
        self._is_failing = True


requests = Requests()
