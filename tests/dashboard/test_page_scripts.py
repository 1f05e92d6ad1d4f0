import re

from django.template import engines

ENTRY = "avatar_monitoring/clients/clients.js"
FIRST = "avatar_monitoring/lib/viewer_socket.js"


def rendered(arguments: str) -> str:
    return engines["django"].from_string("{% load avatar_monitoring %}{% page_scripts " + arguments + " %}").render()


def links(html: str) -> list[str]:
    return re.findall(r'<link rel="modulepreload" href="/static/([^"]+)">', html)


def test_an_entry_is_a_module_with_links_to_all_that_it_imports():
    html = rendered(f"'{ENTRY}'")
    assert html.startswith(f'<script type="module" src="/static/{ENTRY}"></script>')
    assert {
        "avatar_monitoring/clients/table.js",
        "avatar_monitoring/clients/row.js",
        "avatar_monitoring/lib/format.js",
    } <= set(links(html))
    assert ENTRY not in links(html)


def test_what_several_entries_import_has_one_link():
    found = links(rendered(f"'avatar_monitoring/lib/page.js' '{ENTRY}' first='{FIRST}'"))
    assert len(found) == len(set(found))


def test_entries_run_in_the_given_order_and_the_first_script_does_not_wait_for_the_page():
    html = rendered(f"'avatar_monitoring/lib/page.js' '{ENTRY}' first='{FIRST}'")
    assert re.findall(r'<script type="module"( async)? src="/static/([^"]+)">', html) == [
        (" async", FIRST),
        ("", "avatar_monitoring/lib/page.js"),
        ("", ENTRY),
    ]


def test_what_an_entry_needs_is_asked_for_before_the_next_entry():
    html = rendered(f"'avatar_monitoring/live/first_numbers.js' '{ENTRY}'")
    assert (
        html.index("avatar_monitoring/live/cards.js")
        < html.index(ENTRY)
        < html.index("avatar_monitoring/clients/table.js")
    )
