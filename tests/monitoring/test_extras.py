import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest
from django.utils.log import log_response

from monitoring.access import unavailable
from monitoring.core.probe import PSUTIL_MISSING
from monitoring.extras import EXTRAS, MissingExtraError, missing, needed

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def test_it_says_what_to_install():
    with pytest.raises(MissingExtraError) as found, needed("pyarrow"):
        raise ModuleNotFoundError("No module named 'pyarrow.parquet'", name="pyarrow.parquet")
    assert str(found.value) == (
        "pyarrow is not installed: pip install pyarrow, or the extra avatar-monitoring[parquet]"
    )


def test_another_missing_module_is_an_error_of_its_own():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), needed("pyarrow"):
        import_module("no_such_module")


@pytest.mark.parametrize("library", EXTRAS)
def test_the_extra_brings_what_is_to_be_installed(library):
    install, extra = EXTRAS[library]
    brought = [re.split(r"[\[>=]", requirement)[0] for requirement in PROJECT["optional-dependencies"][extra]]
    assert set(install.split()) <= set(brought)


def test_the_extra_all_brings_every_other_one():
    extras = PROJECT["optional-dependencies"]
    assert extras["all"] == [f"avatar-monitoring[{','.join(sorted(set(extras) - {'all'}))}]"]


def test_what_is_not_measured_names_the_extra_too():
    assert missing("psutil") == PSUTIL_MISSING


def test_an_address_that_needs_a_missing_library_answers_501(rf):
    answer = unavailable(MissingExtraError(missing("ninja")))(rf.get("/api/"), name="")
    assert answer.status_code == 501
    assert json.loads(answer.content) == {"error": "not_installed", "message": missing("ninja")}


def test_nobody_is_told_of_an_error_each_time_that_it_is_asked(rf, caplog):
    request = rf.get("/metrics")
    answer = unavailable(MissingExtraError(missing("prometheus_client")))(request)
    log_response("Not Implemented: /metrics", response=answer, request=request)
    assert caplog.records == []


def test_the_schedule_without_celery_says_what_to_install():
    """In a process of its own: settings import it before Django is set up."""
    code = "import sys; sys.modules['celery'] = None\nfrom monitoring import BEAT"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert missing("celery") in done.stderr.splitlines()[-1]


def test_settings_may_import_the_schedule():
    code = "import sys, json\nfrom monitoring import BEAT\nprint(json.dumps([*BEAT] + ['django.conf' in sys.modules]))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)[-1] is False
