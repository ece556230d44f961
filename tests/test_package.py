"""The package as users import it."""

import subprocess
import sys

import pytest

import richcheap


def test_its_face_is_there_when_it_is_asked_for():
    assert {name for name in richcheap.__all__ if getattr(richcheap, name).__name__} == set(dir(richcheap))


def test_what_is_not_there_is_no_attribute():
    with pytest.raises(AttributeError, match="module 'richcheap' has no attribute 'nothing'"):
        richcheap.nothing  # noqa: B018


def test_importing_it_imports_no_library():
    code = (
        "import sys; before = {*sys.modules}; import richcheap\n"
        "roots = {name.partition('.')[0] for name in {*sys.modules} - before}\n"
        "print(sorted(roots - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['richcheap']"
