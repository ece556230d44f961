import base64
import hashlib

import pytest

from richcheap.reporting.layout import assets, vega


def test_every_script_of_the_folder_is_set_in() -> None:
    assert {path.name for path in assets.STATIC.glob("*.js")} == set(assets.OWN_SCRIPTS)


@pytest.mark.parametrize("library", [assets.table_library, assets.chart_library])
def test_a_library_comes_with_its_licence_and_tells_that_it_is_there(library) -> None:
    found = library()
    assert "MIT" in found.notice or "BSD-3-Clause" in found.notice
    assert found.source.rstrip().endswith(f'window.dispatchEvent(new Event("library-{found.name}"));')


def test_the_library_of_charts_is_that_of_the_installed_version() -> None:
    pytest.importorskip("vl_convert", reason="it bundles the library")
    assert vega.FILE.read_text(encoding="utf-8") == vega.bundle(), "`python -m richcheap.reporting.layout.vega`"


def test_the_policy_forbids_every_connection_and_names_each_script() -> None:
    policy = assets.policy(["one", "two"])
    assert policy.startswith("default-src 'none'")
    for script in (b"one", b"two"):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" in policy
    assert "unsafe-eval" not in policy
