"""Facts that stand in one place, because two copies of a fact drift apart."""

import ast
from collections.abc import Iterator
from pathlib import Path

from monitoring.access import PERMISSION
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
    assert places == {"monitoring/core/inflate.py"}


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
