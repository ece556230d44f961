"""Copy what lies elsewhere to here: an object store's file or folder, a web server's file, the result of a query.

Nothing is read from afar while rows are read: the copy is what is read, twice and by as many stages as need it.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from richcheap.ingestion.errors import InputError
from richcheap.ingestion.files.databases import DRIVERS, copy_query, imported
from richcheap.ingestion.files.readers import SUFFIXES

_FILE_SYSTEMS: MappingProxyType[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "s3": ("s3fs", ("botocore.exceptions.BotoCoreError",)),
        "gs": ("gcsfs", ("google.auth.exceptions.GoogleAuthError", "gcsfs.retry.HttpError", "aiohttp.ClientError")),
        "https": ("aiohttp", ("aiohttp.ClientError",)),
        "http": ("aiohttp", ("aiohttp.ClientError",)),
    }
)
# Package that fsspec needs for a scheme, and what it raises besides OSError.

SCHEMES = (*_FILE_SYSTEMS, *DRIVERS)
"""Of what can be fetched."""

_SECRETS = {
    "password", "sslpassword", "token", "access_token", "api_key", "apikey", "sig", "signature",
    "x-amz-signature", "x-amz-security-token", "x-goog-signature",
}  # fmt: skip
_BLOCK_BYTES = 1 << 22


class Fetched(NamedTuple):
    """A copy of what lies elsewhere.

    Attributes
    ----------
    path : Path
        The file, or the folder of files.
    sha256 : str
        Of its bytes; of a folder, of its files' names and bytes.
    size : int
        Bytes.
    """

    path: Path
    sha256: str
    size: int


def is_remote(text: str) -> bool:
    """Say whether a path is the address of something elsewhere."""
    return urlsplit(text).scheme in SCHEMES and "://" in text


def fault_of(url: str, query: str | None) -> str | None:
    """Say what is wrong with an address and its query; None if nothing is."""
    parts = urlsplit(url)
    if not is_remote(url):
        return f"expected an address of {', '.join(f'{scheme}://' for scheme in SCHEMES)}, got '{url}'"
    if parts.password is not None or {name.lower() for name, _ in parse_qsl(parts.query)} & _SECRETS:
        return (
            "expected an address without a password, token or signature, which belongs into the environment ("
            f"PGPASSWORD, AWS_SECRET_ACCESS_KEY) or the driver's own file, got one for '{parts.hostname}'"
        )
    if parts.scheme in DRIVERS and not query:
        return f"expected a query for '{url}'"
    if parts.scheme not in DRIVERS and query:
        return f"expected no query, since '{url}' is no database"
    return None


def fetch(url: str, query: str | None, folder: Path, name: str) -> Fetched:
    """Copy what an address names.

    Parameters
    ----------
    url : str
        One of which `fault_of` says nothing. An object store's address that ends in a slash is a folder.
    query : str, optional
        Of a database.
    folder : Path
        Existing folder, without such a copy.
    name : str
        Of the copy; the ending of its name follows the address.

    Raises
    ------
    InputError
        A package is missing, or it cannot be had.
    """
    if query is not None:
        copy = folder / f"{name}.parquet"
        copy_query(url, query, copy)
    elif url.endswith("/"):
        copy = folder / name
        _copy_folder(url, copy)
    else:
        copy = folder / (name + _suffix(url))
        _copy_file(url, copy)
    return described(copy)


def described(path: Path) -> Fetched:
    """Return the digest and size of a copy that is there."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    digest = sha256()
    for file in files:
        if path.is_dir():
            digest.update(file.name.encode() + b"\0")
        with file.open("rb") as opened:
            while block := opened.read(_BLOCK_BYTES):
                digest.update(block)
    return Fetched(path, digest.hexdigest(), sum(file.stat().st_size for file in files))


def _suffix(url: str) -> str:
    path = unquote(urlsplit(url).path).lower()
    for suffix in SUFFIXES:
        if path.endswith(suffix):
            return suffix
    raise InputError(
        f"{url}: expected the name of a file that ends in {', '.join(SUFFIXES)}, or a folder's with a slash"
    )


@contextmanager
def _faults_in_one_line(url: str) -> Iterator[Any]:
    """Yield the file system of an address; turn what it raises into one line."""
    package, raised = _FILE_SYSTEMS[urlsplit(url).scheme]
    imported(package, url)
    from fsspec import url_to_fs  # noqa: PLC0415  local files need not pay for it

    faults = []
    for fault in raised:
        module, _, exception = fault.rpartition(".")
        faults.append(getattr(imported(module, url), exception))
    try:
        yield url_to_fs(url, skip_instance_cache=True)  # of another time's environment
    except FileNotFoundError as error:
        raise InputError(f"{url}: expected to read it, got: nothing is there") from error
    except (OSError, ValueError, *faults) as error:
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise InputError(f"{url}: expected to read it, got: {reason}") from error


def _copy_file(url: str, to: Path) -> None:
    with _faults_in_one_line(url) as (system, path), system.open(path, "rb") as source, to.open("wb") as copy:
        shutil.copyfileobj(source, copy, _BLOCK_BYTES)


def _copy_folder(url: str, to: Path) -> None:
    """Copy the files of an object store's folder, those of folders in it left out."""
    to.mkdir()
    with _faults_in_one_line(url) as (system, path):
        files = [entry for entry in system.ls(path, detail=True) if entry["type"] == "file" and entry["size"]]
        for entry in files:
            name = PurePosixPath(entry["name"]).name
            with system.open(entry["name"], "rb") as source, (to / name).open("wb") as copy:
                shutil.copyfileobj(source, copy, _BLOCK_BYTES)
    if not files:
        raise InputError(f"{url}: expected files in it, found none")
