import pytest

from richcheap.pipeline.execution.import_closure import closure, main, places_below

FILES = {
    "stages/__init__.py": "",
    "stages/alpha.py": "import numpy\nfrom stages.lib import one\nfrom stages.lib.two import name as other\n",
    "stages/beta.py": "def main():\n    import stages.lib.deep.leaf\n",
    "stages/gamma.py": "from .lib import *\nfrom . import delta\n",
    "stages/delta.py": (
        "import typing\nfrom typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    import stages.alpha\nelse:\n    import stages.beta\n"
        "if typing.TYPE_CHECKING:\n    from stages.lib import two\n"
    ),
    "stages/lib/__init__.py": "",
    "stages/lib/one.py": "from .deep.leaf import x\n",
    "stages/lib/two.py": "from stages import alpha\n",
    "stages/lib/deep/__init__.py": "from ..two import name\n",
    "stages/lib/deep/leaf.py": "x = 1\n",
    "stages/unused.py": "import richcheap.far\nimport numpy\n",
    "src/richcheap/__init__.py": "",
    "src/richcheap/far.py": "import dvc_parallel\n",
    "src/dvc_parallel/__init__.py": "",
}


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


def names(*stems):
    return {f"stages/{stem}.py" for stem in stems}


def files(modules, root):
    return {file.relative_to(root).as_posix() for file in closure(modules, places_below(root)).values()}


def test_modules_packages_relative_imports_and_cycles_are_followed(root):
    leaf = ("__init__", "lib/__init__", "lib/deep/__init__", "lib/deep/leaf", "lib/two", "alpha", "lib/one")
    assert files(["stages.alpha"], root) == names(*leaf)


def test_an_import_inside_a_function_counts(root):
    assert "stages/lib/deep/leaf.py" in files(["stages.beta"], root)


def test_an_import_for_type_checkers_alone_does_not_count(root):
    (root / "stages/beta.py").write_text("")
    assert files(["stages.delta"], root) == names("__init__", "delta", "beta")


def test_a_dot_imports_from_the_own_package(root):
    assert {"stages/lib/__init__.py", "stages/delta.py"} <= files(["stages.gamma"], root)


def test_several_modules_are_joined(root):
    library = {"src/richcheap/__init__.py", "src/richcheap/far.py", "src/dvc_parallel/__init__.py"}
    assert files(["stages.unused", "stages.lib"], root) == names("__init__", "lib/__init__", "unused") | library


def test_a_module_that_is_not_there_is_named(root):
    with pytest.raises(ValueError, match=r"no module stages\.absent"):
        files(["stages.absent"], root)


def test_the_command_names_a_stage_that_there_is_not(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["closure", "nope"])
    with pytest.raises(SystemExit, match=r"^error: no module stages\.nope below .*; name a module of stages/"):
        main()
