"""How to call the API: the same request with curl, in Python and in JavaScript."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PARAMETER_EXAMPLES = {"from": "-1h", "limit": "10"}
"""Values of parameters; one that must be given and is not here gets the first value that its description names."""

PLACE_EXAMPLES = {"client_id": "ada"}
"""What stands for a part of a path, `1` if it is not here."""

BODY_EXAMPLES: Mapping[str, Any] = {
    "clients": [{"client_id": "ann"}],
    "answer": "acknowledge",
    "filter": {"severity": "warning", "node": "web:1"},
    "until": "+4h",
    "text": "I look into it",
    "matchers": {"host": "web-*"},
    "reason": "The hosts move to another rack",
    "ends_at": "+2h",
}
"""Values in the examples of bodies; what is not here need not be given."""

PYTHON = """import json
from os import environ
from urllib.request import Request, urlopen

request = Request("{url}", headers={{"Authorization": f"Bearer {{environ['TOKEN']}}"}})
with urlopen(request) as response:
    print(json.load(response))"""
JAVASCRIPT = """const response = await fetch("{url}", {{
  headers: {{ Authorization: `Bearer ${{process.env.TOKEN}}` }},
}});
console.log(await response.json());"""
CURL = 'curl -H "Authorization: Bearer $TOKEN" \\\n  "{url}"'
LANGUAGES = {"curl": CURL, "Python": PYTHON, "JavaScript": JAVASCRIPT}

PYTHON_WITH_BODY = """import json
from os import environ
from urllib.request import Request, urlopen

body = {body}
headers = {{"Authorization": f"Bearer {{environ['TOKEN']}}", "Content-Type": "application/json"}}
request = Request("{url}", json.dumps(body).encode(), headers, method="{method}")
with urlopen(request) as response:
    print(json.load(response))"""
JAVASCRIPT_WITH_BODY = """const response = await fetch("{url}", {{
  method: "{method}",
  headers: {{ Authorization: `Bearer ${{process.env.TOKEN}}`, "Content-Type": "application/json" }},
  body: JSON.stringify({body}),
}});
console.log(await response.json());"""
CURL_WITH_BODY = """curl -X {method} -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{body}' \\
  "{url}\""""
LANGUAGES_WITH_BODY = {"curl": CURL_WITH_BODY, "Python": PYTHON_WITH_BODY, "JavaScript": JAVASCRIPT_WITH_BODY}


@dataclass(frozen=True, slots=True)
class Example:
    language: str
    code: str


def address(site: str, path: str, places: Collection[str], query: Mapping[str, str]) -> str:
    """The whole URL of a call: `places` are the parts of the path that stand in braces."""
    for name in places:
        path = path.replace(f"{{{name}}}", PLACE_EXAMPLES.get(name, "1"))
    return f"{site}{path}?{urlencode(query)}" if query else f"{site}{path}"


def examples(url: str, method: str, body_keys: Collection[str]) -> list[Example]:
    """The call in each language; the body holds those of its keys for which there is an example."""
    if method == "GET":
        return [Example(language, template.format(url=url)) for language, template in LANGUAGES.items()]
    body = json.dumps({name: BODY_EXAMPLES[name] for name in body_keys if name in BODY_EXAMPLES})
    return [
        Example(language, template.format(url=url, method=method, body=body))
        for language, template in LANGUAGES_WITH_BODY.items()
    ]
