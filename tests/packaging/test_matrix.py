"""What the package says about where it runs is what `make matrix` runs."""

import ast
import tomllib

from tests.wheel import ROOT

CLASSIFIERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
MATRIX = {
    node.targets[0].id: ast.literal_eval(node.value)
    for node in ast.parse((ROOT / "noxfile.py").read_text()).body
    if isinstance(node, ast.Assign)
    and isinstance(node.targets[0], ast.Name)
    and node.targets[0].id in ("PYTHONS", "DJANGOS")
}


def releases(prefix: str) -> list[str]:
    return [one.removeprefix(prefix) for one in CLASSIFIERS if one.startswith(prefix) and one[-1].isdigit()]


def test_every_python_that_it_names_is_in_the_matrix():
    assert releases("Programming Language :: Python :: 3.") == [one.removeprefix("3.") for one in MATRIX["PYTHONS"]]


def test_every_django_that_it_names_is_in_the_matrix():
    assert tuple(releases("Framework :: Django :: ")) == MATRIX["DJANGOS"]
