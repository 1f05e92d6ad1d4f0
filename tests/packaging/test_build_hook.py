"""How modules are renamed when the package is built."""

import importlib.util

import pytest

from tests.wheel import ROOT

pytest.importorskip("hatchling")

spec = importlib.util.spec_from_file_location("build_hook", ROOT / "packaging" / "build_hook.py")
assert spec is not None
assert spec.loader is not None
hook = importlib.util.module_from_spec(spec)
spec.loader.exec_module(hook)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from monitoring import monitored", "from avatar_monitoring import monitored"),
        ("from monitoring.core.hub import Hub", "from avatar_monitoring.core.hub import Hub"),
        ("from dashboard import views", "from avatar_monitoring.dashboard import views"),
        (
            "def f():\n    from monitoring import checks  # noqa",
            "def f():\n    from avatar_monitoring import checks  # noqa",
        ),
        ("from monitoring.apps import MonitoringConfig", "from avatar_monitoring.app_config import MonitoringConfig"),
        ('x = "monitoring.tasks"', 'x = "avatar_monitoring.tasks"'),
        ("x = 'dashboard.consumers.MetricsConsumer'", "x = 'avatar_monitoring.dashboard.consumers.MetricsConsumer'"),
        ('"""Wrap it in `monitoring.monitored`."""', '"""Wrap it in `avatar_monitoring.monitored`."""'),
        ('x = "first: from monitoring import BEAT"', 'x = "first: from avatar_monitoring import BEAT"'),
        ('x = f"é {monitoring.enabled} monitoring.tasks"', 'x = f"é {monitoring.enabled} avatar_monitoring.tasks"'),
        ('x = "é"; y = "monitoring.tasks"', 'x = "é"; y = "avatar_monitoring.tasks"'),
        ('x = (\n    "monitoring.tasks"\n    "!"\n)', 'x = (\n    "avatar_monitoring.tasks"\n    "!"\n)'),
    ],
)
def test_paths_of_modules_are_renamed(before, after):
    assert hook.renamed(before, ROOT) == after


@pytest.mark.parametrize(
    "source",
    [
        'x = "avatar_monitoring.view_live"',
        'x = "monitoring.E001"',
        'x = "the numbers from monitoring, dashboard or both"',
        'x = "/monitoring/tasks/"',
        'x = "dashboard.js"',
        "monitoring = conf.current()\nprint(monitoring.tasks)",
        "# monitoring.tasks in a comment",
        "from monitoring_of_others import tasks",
        "from .monitoring import tasks",
    ],
)
def test_everything_else_stays(source):
    assert hook.renamed(source, ROOT) == source


def test_an_import_that_binds_the_packages_name_is_refused():
    with pytest.raises(RuntimeError, match=r"^Line 2 says `import monitoring.conf`: write `from … import …` instead"):
        hook.renamed("\nimport monitoring.conf", ROOT)


def test_an_import_of_a_module_that_moves_elsewhere_is_refused():
    with pytest.raises(RuntimeError, match=r"^Line 1 says `from monitoring import apps`: import what it has"):
        hook.renamed("from monitoring import apps", ROOT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("monitoring/__init__.py", "avatar_monitoring/__init__.py"),
        ("monitoring/apps.py", "avatar_monitoring/app_config.py"),
        ("monitoring/static/avatar_monitoring/a.b.css", "avatar_monitoring/static/avatar_monitoring/a.b.css"),
        ("dashboard/views.py", "avatar_monitoring/dashboard/views.py"),
        ("dashboard/templates/avatar_monitoring/live.html", "avatar_monitoring/templates/avatar_monitoring/live.html"),
        ("dashboard/templatetags/tags.py", "avatar_monitoring/templatetags/tags.py"),
        ("dashboard/static_files.py", "avatar_monitoring/dashboard/static_files.py"),
        ("dashboard/locale/ko/LC_MESSAGES/django.mo", "avatar_monitoring/locale/ko/LC_MESSAGES/django.mo"),
    ],
)
def test_files_find_their_place_in_one_app(before, after):
    assert hook.new_place(before) == after


def test_two_different_files_at_one_place_are_refused(tmp_path):
    for app in ("monitoring", "dashboard"):
        file = tmp_path / app / "templates" / "live.html"
        file.parent.mkdir(parents=True)
        file.write_text(app)
    with pytest.raises(RuntimeError, match=r"^Two different files would become live\.html in .*: rename one of them"):
        hook.lay_out(tmp_path, tmp_path, tmp_path / "build" / "avatar_monitoring")
