"""Facts that stand in one place, because two copies of a fact drift apart."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

from monitoring import conf
from monitoring.access import PERMISSION
from monitoring.conf import MonitoringSettings
from tests.test_architecture import MODULES, ROOT, tree


def docstrings(path: Path) -> set[int]:
    """The texts of a module that only describe, by identity: they may name what they describe."""
    return {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}


def literals(path: Path) -> Iterator[ast.Constant]:
    described = docstrings(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and id(node) not in described:
            yield node


def test_the_viewers_permission_has_its_name_in_one_place():
    places = [str(path) for path in MODULES for node in literals(path) if node.value == PERMISSION]
    assert places == ["monitoring/access.py"]


def test_no_version_depends_on_the_order_of_fields():
    assert [str(path) for path in MODULES if "__struct_defaults__" in (ROOT / path).read_text()] == []


def test_compressed_data_is_inflated_in_one_place():
    """A second place would sooner or later have no limit."""
    inflating = {"decompress", "decompressobj"}
    places = {
        str(path) for path in MODULES for node in ast.walk(tree(path)) if getattr(node, "attr", None) in inflating
    }
    assert places == {"monitoring/core/wire/inflate.py"}


def test_connections_to_redis_are_made_in_one_place():
    """Elsewhere they would have redis-py's own options, which differ by release and try again in silence."""
    makers = {"from_url", "ConnectionPool", "BlockingConnectionPool", "Retry", "NoBackoff", "StrictRedis"}
    places = set()
    for path in MODULES:
        for node in ast.walk(tree(path)):
            made = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            used = getattr(node, "attr", None) or getattr(node, "id", None) or getattr(node, "name", None)
            if used in makers or made.rpartition(".")[2] == "Redis":
                places.add(str(path))
    assert places == {"monitoring/redis_connections.py"}


ALSO_CALLED = {
    "cpu_percent": "cpu_alert_threshold",
    "memory_percent": "memory_alert_threshold",
    "latency_ms": "latency_alert_threshold",
    "per_client": "stale_client_seconds",
    "cpu_budget": "monitor_cpu_budget",
}
"""What the core calls some of the settings."""


def has_a_value(node: ast.expr | None) -> bool:
    """Whether it is written as a number or True, and not as the name of one; counts begin with 0."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "variable":
        return has_a_value(node.args[1])
    if isinstance(node, ast.UnaryOp):
        return has_a_value(node.operand)
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float) and bool(node.value)


def key_of(node: ast.expr | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ast.unparse(node) if node else ""


def named_values(path: Path) -> Iterator[str]:
    """What has a value: parameters' defaults, what is assigned by its name, and a mapping's items."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.arguments):
            positional = [*node.posonlyargs, *node.args]
            with_default = positional[len(positional) - len(node.defaults) :]
            pairs = [(one.arg, default) for one, default in zip(with_default, node.defaults, strict=True)]
            pairs += [(one.arg, default) for one, default in zip(node.kwonlyargs, node.kw_defaults, strict=True)]
        elif isinstance(node, ast.Assign):
            pairs = [(ast.unparse(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(ast.unparse(node.target), node.value)]
        elif isinstance(node, ast.Dict):
            # Items of other kinds are labels and numbers of digits.
            items = zip(node.keys, node.values, strict=True)
            pairs = [(key_of(key), value) for key, value in items if isinstance(getattr(value, "value", None), float)]
        else:
            continue
        yield from (name.lower() for name, value in pairs if has_a_value(value))


EXAMPLES = Path("dashboard/api_answers.py")
"""Its numbers are no defaults."""


def test_each_default_of_a_setting_stands_once():
    settings = {one.name for one in fields(MonitoringSettings)}
    places = defaultdict(list)
    for path in MODULES:
        if path == EXAMPLES:
            continue
        for name in named_values(path):
            if (setting := ALSO_CALLED.get(name, name)) in settings:
                places[setting].append(str(path))
    assert {*ALSO_CALLED.values(), "metrics_interval", "pings_per_second", "enabled"} <= places.keys()
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_each_variable_of_monitoring_is_described_once_with_its_default():
    described = [one for one in fields(MonitoringSettings) if one.metadata]
    assert len(conf.VARIABLES) == len(described)
    assert all(one.default is not MISSING for one in described)
    read = [node.value for node in literals(Path("avatar_site/settings.py"))]
    assert [name for name in conf.VARIABLES if read.count(name) > 1] == []
