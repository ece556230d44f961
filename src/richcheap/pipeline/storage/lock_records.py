"""The files that a stage has made, when they are those that dvc.lock records."""

from pathlib import Path

from richcheap.pipeline.errors import ArtifactError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import REMAKE, file_md5, locked_stages


def recorded_files(project: Path, stage: str, folder: Path) -> list[Path]:
    """Return what a stage has made in a folder of the project, each file checked; nothing unless all are there.

    Parameters
    ----------
    project : Path
    stage : str
        As DVC addresses it, for instance ``train@automl``.
    folder : Path
        Relative to the project.

    Raises
    ------
    ArtifactError
        dvc.lock cannot be read, or a file is not the one that it records.
    """
    recorded = {Path(out["path"]): str(out.get("md5")) for out in _outs(project / paths.LOCK, stage)}
    files = {project / path: md5 for path, md5 in recorded.items() if folder in path.parents}
    if not all(file.is_file() for file in files):
        return []
    for file, expected in files.items():
        if (found := file_md5(file)) != expected:
            raise ArtifactError(f"{file}: md5 must be {expected} as {paths.LOCK} records, got {found}; {REMAKE}")
    return list(files)


def _outs(lock: Path, stage: str) -> list[dict[str, str]]:
    if not lock.is_file():
        return []
    stages = locked_stages(lock)
    if stages is None:
        raise ArtifactError(f"{lock}: records no stages; restore it from git, or {REMAKE}")
    outs: list[dict[str, str]] = stages.get(stage, {}).get("outs", [])
    return outs
