"""What it takes to adopt the package."""

import pytest

from tests.adoption.recipe import MOST_LINES, recipes

every_host = pytest.mark.parametrize("recipe", recipes(), ids=lambda recipe: recipe.name)


@every_host
def test_six_lines_are_enough(recipe):
    assert len(recipe.lines) <= MOST_LINES
    assert all("\n" not in line.text and ";" not in line.text for line in recipe.lines)


@every_host
def test_nothing_but_imports_is_left_uncounted(recipe):
    for line in recipe.lines:
        assert all(one.startswith(("import ", "from ")) for one in line.imports.splitlines())


@every_host
def test_a_line_is_added_and_the_rest_stays(recipe, tmp_path):
    for line in recipe.lines:
        copy = tmp_path / line.file
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(before := (recipe.folder / line.file).read_text())
        line.add(tmp_path)
        after = copy.read_text()
        added = {line.text, line.imports} - {""}
        assert [one for one in after.splitlines() if one and one not in added] == [
            one for one in before.splitlines() if one and one not in added
        ]
        assert after.splitlines().count(line.text) == 1
        compile(after, line.file, "exec")
