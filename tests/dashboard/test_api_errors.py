import re

from dashboard.api_errors import REFUSALS
from tests.site import ROOT


def test_the_page_names_the_refusals_that_the_documentation_names():
    table = (ROOT / "docs/api.md").read_text().partition("| status | `error` |")[2].partition("## OpenMetrics")[0]
    documented = {
        (int(status), code)
        for status, codes in re.findall(r"^\| (\d+) \| (.*) \|$", table, re.MULTILINE)
        for code in re.findall(r"`([a-z_]+)`", codes)
    }
    assert {(one.status, code) for one in REFUSALS for code in one.codes} == documented


def test_every_refusal_of_the_api_is_among_them():
    sources = [*(ROOT / "monitoring/api").glob("*.py"), ROOT / "monitoring/access.py"]
    raised = {code for path in sources for code in re.findall(r'Refused\(\d+, "([a-z_]+)"', path.read_text())}
    assert len(raised) > 10
    assert raised <= {code for one in REFUSALS for code in one.codes}
