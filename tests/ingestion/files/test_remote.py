"""Files of object stores and web servers, copied to here from servers on loopback."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.remote import SCHEMES, described, fault_of, fetch, is_remote


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as the base has it
        pass


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("aiohttp", reason="the extra `sources` is not installed")
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "prices.csv").write_text("bond_id,date\nA,2024-01-02\n", encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of an object store that speaks Amazon's protocol, with a file and a folder."""
    pytest.importorskip("s3fs", reason="the extra `sources` is not installed")
    moto = pytest.importorskip("moto.server", reason="moto is not installed")
    boto3 = pytest.importorskip("boto3", reason="moto is not installed")
    server = moto.ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for key, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "desk", "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():  # fmt: skip
        monkeypatch.setenv(key, value)
    client = boto3.client("s3")
    client.create_bucket(Bucket="desk")
    for name, text in {
        "prices.csv": "all",
        "daily/b.csv": "second",
        "daily/a.csv": "first",
        "daily/x/c.csv": "no",
    }.items():
        client.put_object(Bucket="desk", Key=name, Body=text.encode())
    yield "s3://desk"
    server.stop()


def test_a_web_servers_file_is_copied_with_its_ending(web: str, tmp_path: Path) -> None:
    found = fetch(f"{web}/prices.csv?of=today", None, tmp_path, "observations")
    assert found.path == tmp_path / "observations.csv"
    assert found.path.read_text(encoding="utf-8").startswith("bond_id,date")
    assert (found.size, found) == (26, described(found.path))


def test_an_object_stores_file_and_folder_are_copied(store: str, tmp_path: Path) -> None:
    assert fetch(f"{store}/prices.csv", None, tmp_path, "curve").path.read_text(encoding="utf-8") == "all"
    found = fetch(f"{store}/daily/", None, tmp_path, "observations")
    assert {file.name: file.read_text(encoding="utf-8") for file in found.path.iterdir()} == {
        "a.csv": "first", "b.csv": "second",
    }  # fmt: skip
    assert found.size == len("firstsecond")
    (found.path / "b.csv").write_text("changed", encoding="utf-8")
    assert described(found.path).sha256 != found.sha256


def test_what_cannot_be_had_is_one_line(web: str, store: str, tmp_path: Path) -> None:
    for url in (f"{web}/none.csv", f"{store}/none.csv", "s3://nobodys-bucket/x.csv", "http://127.0.0.1:1/x.csv"):
        with pytest.raises(InputError, match=r"expected to read it, got: .") as caught:
            fetch(url, None, tmp_path, "observations")
        assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="nothing is there"):
        fetch(f"{store}/nothing/", None, tmp_path, "terms")
    with pytest.raises(InputError, match=r"expected the name of a file that ends in \.csv, .*, or a folder"):
        fetch(f"{web}/prices", None, tmp_path, "observations")


@pytest.mark.parametrize(
    ("url", "query", "fault"),
    [
        ("s3://desk/prices.csv", None, None),
        ("postgresql://desk@db.example/prices", "SELECT 1", None),
        ("postgresql://db.example/prices", None, "expected a query for"),
        ("https://example.com/prices.csv", "SELECT 1", "expected no query"),
        ("postgresql://desk:secret@db.example/prices", "SELECT 1", "which belongs into the environment"),
        ("postgresql://db.example/prices?user=desk&password=secret", "SELECT 1", "which belongs into the environment"),
        ("https://example.com/prices.csv?day=1&X-Amz-Signature=secret", None, "which belongs into the environment"),
        ("ftp://example.com/prices.csv", None, "expected an address of s3://"),
        ("prices.csv", None, "expected an address of s3://"),
    ],
)
def test_an_address_that_cannot_be_fetched_is_explained_without_its_password(
    url: str, query: str | None, fault: str | None
) -> None:
    said = fault_of(url, query)
    assert (said is None) if fault is None else (said is not None and fault in said and "secret" not in said)


def test_paths_are_not_addresses() -> None:
    assert not any(map(is_remote, ("prices.csv", "/data/prices", "C:/prices.csv", "s3:prices", "file:///x.csv")))
    assert all(is_remote(f"{scheme}://x/y.csv") for scheme in SCHEMES)
