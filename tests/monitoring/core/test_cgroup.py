from pathlib import Path

import pytest

from monitoring.core.cgroup import cpu_limit, memory_limit

STAT = "anon 10\ninactive_anon 5\ninactive_file 300\n"
STAT_V1 = "cache 1\ninactive_file 7\ntotal_inactive_file 400\n"


def write(group: Path, **files: str) -> None:
    group.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (group / name.replace("__", ".")).write_text(text)


def version_2(group: Path, limit: str = "1000000") -> None:
    write(group, memory__max=f"{limit}\n", memory__current="5000\n", memory__stat=STAT)


def version_1(group: Path, limit: str = "2000000") -> None:
    write(
        group,
        memory__limit_in_bytes=f"{limit}\n",
        memory__usage_in_bytes="6000\n",
        memory__stat=STAT_V1,
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cgroup"


@pytest.fixture
def membership(tmp_path: Path):
    def member_of(*lines: str) -> Path:
        (tmp_path / "membership").write_text("".join(f"{line}\n" for line in lines))
        return tmp_path / "membership"

    return member_of


def test_version_2_in_a_container_is_read_at_the_root(root, membership):
    version_2(root)
    limit = memory_limit(root, membership("0::/"))
    assert (limit.total(), limit.used()) == (1_000_000, 4700)


def test_the_processs_own_group_takes_precedence_over_its_parents(root, membership):
    version_2(root / "system.slice" / "site.service", limit="500")
    version_2(root / "system.slice", limit="9000")
    assert memory_limit(root, membership("0::/system.slice/site.service")).total() == 500


def test_the_lowest_of_nested_limits_applies(root, membership):
    version_2(root / "site.slice" / "site.service", limit="9000")
    version_2(root / "site.slice", limit="500")
    write(root / "site.slice" / "site.service", cpu__max="400000 100000", cpu__stat="usage_usec 1\n")
    write(root / "site.slice", cpu__max="50000 100000", cpu__stat="usage_usec 3000000\n")
    own = membership("0::/site.slice/site.service")
    assert memory_limit(root, own).total() == 500
    assert (cpu_limit(root, own).cores, cpu_limit(root, own).seconds()) == (0.5, 3.0)


def test_a_limit_of_a_parent_group_applies(root, membership):
    version_2(root / "pod" / "container", limit="max")
    version_2(root / "pod", limit="9000")
    assert memory_limit(root, membership("0::/pod/container")).total() == 9000


def test_a_group_that_the_container_cannot_see_falls_back_to_the_root(root, membership):
    version_2(root)
    assert memory_limit(root, membership("0::/docker/0123abcd")).total() == 1_000_000


def test_max_means_no_limit(root, membership):
    version_2(root, limit="max")
    assert memory_limit(root, membership("0::/")) is None


def test_version_1_is_read_under_its_controller(root, membership):
    version_1(root / "memory" / "docker" / "abc")
    limit = memory_limit(root, membership("5:cpu,cpuacct:/docker/abc", "4:memory:/docker/abc"))
    assert (limit.total(), limit.used()) == (2_000_000, 5600)


def test_version_1_expresses_no_limit_as_a_number_near_two_to_the_63(root, membership):
    version_1(root / "memory", limit="9223372036854771712")
    assert memory_limit(root, membership("4:memory:/")) is None


def test_without_control_groups_there_is_no_limit(root, tmp_path):
    assert memory_limit(root, tmp_path / "missing") is None
    assert cpu_limit(root, tmp_path / "missing") is None


def test_a_cpu_quota_is_a_number_of_cores(root, membership):
    write(root, cpu__max="150000 100000\n", cpu__stat="usage_usec 2500000\nuser_usec 1\n")
    limit = cpu_limit(root, membership("0::/"))
    assert (limit.cores, limit.seconds()) == (1.5, 2.5)


def test_a_cpu_quota_of_max_means_none(root, membership):
    write(root, cpu__max="max 100000\n", cpu__stat="usage_usec 2500000\n")
    assert cpu_limit(root, membership("0::/")) is None


def test_it_reads_the_usage_again(root, membership):
    version_2(root)
    limit = memory_limit(root, membership("0::/"))
    write(root, memory__current="9300\n")
    assert limit.used() == 9000


def test_a_raised_or_lifted_limit_applies_at_once(root, membership):
    version_2(root)
    limit = memory_limit(root, membership("0::/"))
    write(root, memory__max="2000000\n")
    assert limit.total() == 2_000_000
    write(root, memory__max="max\n")
    assert limit.total() > 1 << 50
