import json

from avatar_site.child_output import ChildOutput

OWN = "2026-11-26T20:13:35.429Z INFO worker[440] celery: Warm shutdown"


def events(*lines: str) -> list[dict]:
    output = ChildOutput("valkey", "json")
    written = [text for line in lines for text in output.lines(line, 7)] + output.finish(7)
    return [json.loads(text) for text in written]


def test_the_sites_own_events_are_left_unchanged():
    output = ChildOutput("worker", "text")
    assert output.lines(OWN, 440) == [OWN]
    assert output.lines("    and more of it", 440) == ["    and more of it"]
    line = '{"time": "2026-11-26T20:13:35.429Z", "level": "INFO", "message": "x"}'
    assert ChildOutput("worker", "json").lines(line, 440) == [line]


def test_valkeys_lines_get_their_level_from_its_sign():
    found = events(
        "512:M 26 Nov 2026 20:13:35.429 # Memory is low",
        "512:M 26 Nov 2026 20:13:35.430 * Ready to accept connections",
    )
    assert [(event["level"], event["process"], event["pid"], event["message"]) for event in found] == [
        ("WARNING", "valkey", 7, "Memory is low"),
        ("INFO", "valkey", 7, "Ready to accept connections"),
    ]


def test_a_traceback_is_one_event_with_its_last_line_as_the_message():
    traceback = ["Traceback (most recent call last):", '  File "x.py", line 1', "    fail()", "ValueError: broken"]
    first, second = events(*traceback, "next")
    assert (first["message"], first["level"]) == ("ValueError: broken", "ERROR")
    assert first["traceback"] == "\n".join(traceback)
    assert second["message"] == "next"


def test_a_truncated_traceback_is_not_lost():
    (event,) = events("Traceback (most recent call last):", '  File "x.py", line 1')
    assert event["message"] == 'File "x.py", line 1'


def test_in_text_format_its_further_lines_are_indented():
    output = ChildOutput("web", "text")
    assert output.lines("Traceback (most recent call last):", 7) == []
    (text,) = output.lines("ValueError: broken", 7)
    assert text.endswith(
        "ERROR web[7]: ValueError: broken\n    Traceback (most recent call last):\n    ValueError: broken"
    )


def test_secrets_in_other_programs_lines_are_hidden_too():
    (event,) = events("cannot reach redis://me:hush@host")
    assert "hush" not in str(event)
