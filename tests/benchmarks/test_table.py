import pytest

from tests.benchmarks import table
from tests.benchmarks.table import BEGIN, END, Scale
from tests.benchmarks.test_report import MACHINE

TEN = Scale(10, 1.0, cpu_off=1.2, cpu=0.04, memory=400 * 1024, broadcast=0.0012)
MANY = Scale(10_000, 0.2, cpu_off=20.0, cpu=1.5, memory=10 * 1024 * 1024, broadcast=0.9)


def test_a_row_has_our_figures_beside_those_of_the_spec():
    row = table.rendered([TEN], MACHINE).splitlines()[2]
    cells = "10 | 0.04 % (on top of 1.2 %) | 0.05 % | 400 KB | 50 KB | 1.2 ms | 1.2 ms"
    assert row == f"| {cells} |"


def test_sizes_beyond_the_spec_state_the_rate_they_were_measured_at():
    row = table.rendered([MANY], MACHINE).splitlines()[2]
    assert row.startswith("| 10000 (at 0.2 messages/s each) | 1.50 % (on top of 20.0 %) | - | 10.0 MB | - | 900.0 ms |")


def test_the_machine_is_described_below():
    assert table.rendered([TEN], MACHINE).endswith("Measured on A CPU, 2 cores, Linux 6, Python 3.11; daphne 4.2.")


def test_only_text_between_the_marks_is_replaced():
    assert table.renewed(f"before\n{BEGIN}\nold\n{END}\nafter", "new") == f"before\n{BEGIN}\nnew\n{END}\nafter"


def test_a_page_without_marks_is_not_touched():
    with pytest.raises(ValueError, match="lacks"):
        table.renewed("nothing to renew", "new")


def test_the_page_has_the_marks():
    assert table.renewed(table.PAGE.read_text(), "new")
