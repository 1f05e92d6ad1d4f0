import re

from avatar_site.expressions import EXPRESSIONS
from tests.site import ROOT

SCRIPT = ROOT / "avatar_site/static/avatar_site/expression.js"


def test_the_page_draws_every_expression_in_the_order_of_its_keys():
    source = SCRIPT.read_text()
    drawn = source[source.index("export const EXPRESSIONS") : source.index("};")]
    assert re.findall(r"^    (\w+): {", drawn, re.MULTILINE) == list(EXPRESSIONS)


def test_each_has_a_key_of_its_own():
    assert len(EXPRESSIONS) <= 9
