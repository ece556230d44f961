"""A params file is parsed once for all stages that depend on it."""

import pytest
from dvc.dependency import param

from dvc_parallel import run
from dvc_parallel.project.params_cache import params_read_once
from dvc_parallel.status import command as status
from tests.dvc_parallel.projects import command, make_project, stage, write_params

NAMES = [f"s{number}" for number in range(5)]
STAGES = {name: stage(name, "source.txt", params=[f"keys.{name}"]) for name in NAMES}


@pytest.fixture
def project(tmp_path, monkeypatch):
    folder = make_project(tmp_path / "project", STAGES, {"source.txt": "x\n"}, {"keys": dict.fromkeys(NAMES, 1)})
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def parsed(monkeypatch):
    """Return a list to which the path of every params file is added as it is parsed."""
    paths, load = [], param.load_path

    def counted(path, fs, **options):
        paths.append(path)
        return load(path, fs, **options)

    monkeypatch.setattr(param, "load_path", counted)
    return paths


def test_status_of_stages_that_never_ran_parses_it_once(project, parsed):
    assert status.main([]) == 1
    assert parsed == [str(project / "params.yaml")]


def test_status_of_stages_that_ran_parses_it_once_and_tells_each_change(project, parsed, capsys):
    command(project, "dvc", "repro", "-q")
    write_params(project, {"keys": {**dict.fromkeys(NAMES, 1), "s1": 2, "s3": 3}})
    assert status.main([]) == 1
    output = capsys.readouterr().out
    assert "s1\n  param keys.s1: 1 -> 2" in output
    assert "s3\n  param keys.s3: 1 -> 3" in output
    assert parsed == [str(project / "params.yaml")]


def test_a_run_that_finds_nothing_to_do_parses_it_once(project, parsed):
    command(project, "dvc", "repro", "-q")
    assert run.main([]) == 0
    assert parsed == [str(project / "params.yaml")]


def test_afterwards_dvc_reads_by_itself_again():
    before = param.load_path, param.read_param_file
    with pytest.raises(KeyError), params_read_once():
        raise KeyError
    assert (param.load_path, param.read_param_file) == before
