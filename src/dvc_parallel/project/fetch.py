"""Fetch what another machine has made from DVC's remote, as ``dvc repro --pull`` does."""

from collections.abc import Sequence

from dvc.exceptions import CheckoutError, ConfirmRemoveError, DvcException
from dvc.output import Output
from dvc.repo import Repo
from dvc.stage import Stage
from dvc.stage.cache import RunCacheNotSupported
from dvc.stage.run import _pull_missing_deps

from dvc_parallel.project.faults import one_line


def fetched(stage: Stage, above: Sequence[Stage]) -> bool:
    """Fetch a stage's outputs when nothing but data is missing; say whether that brought it up to date.

    Parameters
    ----------
    stage : dvc.stage.Stage
        Of a locked project, as the following.
    above : sequence of dvc.stage.Stage
        The stages next above it.
    """
    if stage.changed(allow_missing=True, upstream=list(above)):
        return False
    try:
        stage.repo.pull(stage.addressing)
        stage.checkout()
    except (CheckoutError, ConfirmRemoveError):  # the remote has not all; what persists is there, and may be another
        return False
    return not stage.changed()


def fetch_run_cache(repo: Repo) -> str:
    """Fetch what is known of earlier runs; return why not, when that cannot be done."""
    try:
        repo.stage_cache.pull(None)
    except RunCacheNotSupported as error:
        return one_line(error)
    return ""


def fetch_missing(stage: Stage, undeclared: Sequence[str]) -> None:
    """Fetch a stage's dependencies that are missing, but for those that no stage declares."""
    if not undeclared:
        _pull_missing_deps(stage)


def would_be_fetched(stage: Stage, above: Sequence[Stage]) -> bool:
    """Say whether `fetched` would bring a stage up to date; nothing is changed or fetched."""
    if stage.changed(allow_missing=True, upstream=list(above)):
        return False
    return stage.is_import or all(_at_hand(out) for out in stage.outs if out.status())


def _at_hand(out: Output) -> bool:
    """Say whether the cache or the remote has an output."""
    if not (out.use_cache and out.hash_info):
        return False
    digest = out.hash_info.value
    try:
        remote = out.repo.cloud.get_remote_odb(out.remote, "fetch", hash_name=out.hash_name)
        return bool(out.cache.exists(digest) or remote.exists(digest))
    except DvcException:  # no remote
        return bool(out.cache.exists(digest))
