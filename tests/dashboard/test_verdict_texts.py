import re
from pathlib import Path

import pytest

from dashboard.verdict_texts import COLORS, MEANINGS, WORDS, in_order, verdict_color, verdict_meaning, verdict_text
from monitoring.core.signals import ClientSignals
from monitoring.core.verdicts import Verdict

SCRIPT = Path("dashboard/static/avatar_monitoring/lib/verdicts.js").read_text()


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_words_a_meaning_and_a_colour(verdict):
    assert "_" not in verdict_text(verdict)
    assert verdict_meaning(verdict).endswith(".")
    assert verdict_color(verdict).startswith("--stack-")
    assert len(WORDS) == len(MEANINGS) == len(set(COLORS.values())) == len(Verdict)


def test_a_verdict_of_a_later_release_is_shown_as_it_is():
    assert (verdict_text("disk_full"), verdict_meaning("disk_full")) == ("disk_full", "")
    assert in_order(["disk_full", "hidden", "fine"]) == ["fine", "hidden", "disk_full"]


@pytest.mark.parametrize("texts", [WORDS, MEANINGS], ids=["words", "meanings"])
def test_the_pages_scripts_say_the_same(texts):
    told = re.findall(
        r'^    (\w+): gettext_noop\("(.*)"\),$', SCRIPT.split("MEANINGS")[texts is MEANINGS], re.MULTILINE
    )
    assert dict(told) == {verdict.value: text for verdict, text in texts.items()}


def test_the_pages_scripts_can_say_every_signal():
    told = set(re.findall(r"^    (\w+): \(value\) =>", SCRIPT, re.MULTILINE))
    assert told | {"hidden"} == set(ClientSignals.__struct_fields__)
