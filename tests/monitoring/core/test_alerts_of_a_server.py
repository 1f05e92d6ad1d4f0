"""An alert of a real server, from when it fires to the stop of the server."""

from pathlib import Path

from tests.site import receive, running_site

STORE = "from monitoring.tasks import store_snapshots; store_snapshots(); "
ASK = "from monitoring.models import Alert; a = Alert.objects.get(metric='memory_percent'); "


def test_an_alert_of_a_stopped_server_ended_with_it_and_keeps_the_shown_peak(tmp_path: Path, redis_url):
    settings = {"AVATAR_MEMORY_ALERT_THRESHOLD": "0.1", "AVATAR_ALERT_FOR_SECONDS": "0"}
    with running_site(tmp_path, REDIS_URL=redis_url, **settings) as site:
        site.migrate()
        server = site.daphne()
        with site.viewer(site.sign_in()) as viewer:
            shown = {}
            while "memory_percent" not in shown:
                shown = {alert["metric"]: alert for alert in receive(viewer, "metrics")["alerts"]}
        fired = shown["memory_percent"]
        assert fired["peak"] >= max(fired["value"], fired["current"])
        server.terminate()
        assert server.wait(10) == 0
        ended, peak = site.shell(STORE + ASK + "print(a.ended, a.peak, sep=',')").split(",")
        assert ended == "server stopped"
        assert float(peak) >= fired["peak"] - 0.01
