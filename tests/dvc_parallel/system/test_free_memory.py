import resource

import psutil
import pytest

from dvc_parallel.system import free_memory
from dvc_parallel.system.free_memory import GROUPS, all_memory

MIB = 1 << 20


def groups(tmp_path, monkeypatch, line, files):
    """Let this process be in a control group whose files have such contents, by folder."""
    for folder, contents in files.items():
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        for name, text in contents.items():
            (tmp_path / folder / name).write_text(text)
    (tmp_path / "cgroup").write_text(line)
    monkeypatch.setattr(free_memory, "OF_PROCESS", tmp_path / "cgroup")
    monkeypatch.setattr(
        free_memory, "GROUPS", {name: found._replace(root=tmp_path / "root") for name, found in GROUPS.items()}
    )


def version_2(limit, used, cache=0):
    return {
        "memory.max": f"{limit}\n",
        "memory.current": f"{used}\n",
        "memory.stat": f"anon 5\ninactive_file {cache}\n",
    }


@pytest.mark.parametrize(
    ("line", "files", "free"),
    [
        ("0::/\n", {"root": version_2(100 * MIB, 30 * MIB)}, 70),
        ("0::/\n", {"root": version_2(100 * MIB, 30 * MIB, cache=20 * MIB)}, 90),
        ("0::/a/b\n", {"root/a": version_2(100 * MIB, 60 * MIB), "root/a/b": version_2("max", 30 * MIB)}, 40),
        ("0::/seen/from/outside\n", {"root": version_2(100 * MIB, 30 * MIB)}, 70),
        ("0::/\n", {"root": version_2(100 * MIB, 130 * MIB)}, 0),
        (
            "9:cpu,cpuacct:/x\n4:memory:/x\n0::/\n",
            {"root/x": {"memory.limit_in_bytes": f"{50 * MIB}\n", "memory.usage_in_bytes": f"{20 * MIB}\n"}},
            30,
        ),
    ],
)
def test_a_container_has_what_its_control_group_leaves(tmp_path, monkeypatch, line, files, free):
    groups(tmp_path, monkeypatch, line, files)
    assert free_memory.free_memory() == free * MIB


@pytest.mark.parametrize("line", ["", "0::/\n", "4:memory:/x\n"])
def test_without_a_limit_there_is_what_the_machine_has(tmp_path, monkeypatch, line):
    groups(tmp_path, monkeypatch, line, {"root": {"memory.max": "max\n"}})
    assert all_memory() == psutil.virtual_memory().total


def test_a_limit_of_the_address_space_counts_from_what_is_mapped(monkeypatch):
    mapped = psutil.Process().memory_info().vms
    limit = mapped + 300 * MIB
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert abs(free_memory.free_memory() - 300 * MIB) < 50 * MIB
    assert all_memory() == limit
