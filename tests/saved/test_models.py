"""A folder of saved models: what is written, and what loading checks."""

import numpy as np
import polars as pl
import pytest

from richcheap import load_champion, load_saved
from richcheap.factors.model import fit_factors
from richcheap.pipeline.errors import ArtifactError, ParamsError
from richcheap.pipeline.storage import paths
from richcheap.pipeline.storage.artifacts import dump_model
from richcheap.pricer import Pricer
from richcheap.saved.models import SavedModels
from tests.factors.settings import PARAMS, planted
from tests.saved.conftest import files_of


def test_the_same_run_gives_the_same_bytes(saved, project, tmp_path):
    again = SavedModels.write(project, files_of(project), tmp_path, Pricer(project, threads=1))
    assert again.sha256 == saved.sha256
    over = SavedModels.write(project, files_of(project), tmp_path, Pricer(project))
    assert over.sha256 == saved.sha256


def test_models_lie_beside_it_with_their_cards(saved, project):
    assert list(saved) == ["ml_adjuster"]
    assert saved["ml_adjuster"] == saved.folder / "ml_adjuster"
    assert {file.name for file in saved["ml_adjuster"].iterdir()} >= {"model.json", "card.md", "card.json"}
    rows = pl.concat(pl.read_parquet(file) for file in sorted((project / paths.DATASET_TEST).glob("*.parquet")))
    model = load_saved(saved.folder, sha256=saved.sha256).load("ml_adjuster")
    assert np.isfinite(model.predict(rows)).all()
    assert saved.table.rows() == [("ml_adjuster", saved.champion == "ml_adjuster", str(saved["ml_adjuster"]))]
    assert "<table" in saved._repr_html_()
    assert saved.sha256 in repr(saved)
    with pytest.raises(KeyError):
        saved["champion"]
    with pytest.raises(ParamsError, match=r"^name: expected one of ml_adjuster, got 'champion'$"):
        saved.load("champion")


def test_nothing_in_it_is_a_pickle_or_names_the_machine(saved, project):
    for file in saved.folder.rglob("*"):
        if file.is_file():
            assert file.suffix in {".json", ".md", ".npz", ".parquet"}
            assert str(project).encode() not in file.read_bytes()


def test_a_changed_byte_is_refused(saved, copy):
    files = [file for file in sorted((copy / "champion").rglob("*")) if file.is_file()]
    for file in files:
        content = file.read_bytes()
        file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(ArtifactError, match=rf"{file.name}: sha256 must be \w+, got \w+; not loaded$"):
            load_champion(copy, sha256=saved.sha256)
        file.write_bytes(content)
    assert load_champion(copy, sha256=saved.sha256).champion == saved.champion
    (copy / "champion" / "train.parquet").touch()
    with pytest.raises(ArtifactError, match=r"train.parquet: was not saved with the others; not loaded, remove it$"):
        load_champion(copy, sha256=saved.sha256)
    files[0].unlink()
    with pytest.raises(ArtifactError, match=r"no such file; copy the whole folder that save_models wrote$"):
        load_champion(copy, sha256=saved.sha256)


def test_a_manifest_that_is_not_the_one_that_was_saved_is_refused(saved, copy):
    manifest = copy / "manifest.json"
    manifest.write_bytes(manifest.read_bytes() + b" ")
    with pytest.raises(ArtifactError, match=rf"^{manifest}: sha256 must be {saved.sha256}, got \w+; nothing of the"):
        load_saved(copy, sha256=saved.sha256)
    with pytest.raises(ArtifactError, match=r"manifest.json: no such file; copy the whole folder"):
        load_champion(copy / "champion", sha256=saved.sha256)
    for given in ("", "12ab", None):
        with pytest.raises(ParamsError, match=r"^sha256: must be the 64 hexadecimal digits that save_models returned"):
            load_champion(copy, sha256=given)  # type: ignore[arg-type]


def test_models_may_be_saved_without_the_champion(project, tmp_path):
    bare = SavedModels.write(project, files_of(project), tmp_path, None)
    assert bare.champion is None
    assert not (tmp_path / "champion").exists()
    with pytest.raises(ArtifactError, match=r": no champion was saved; save_models\(folder\) saves it$"):
        bare.load_champion()


def test_models_of_the_market_are_loaded_with_every_bit(project, tmp_path):
    model = fit_factors(planted(), slice(0, 50), "USD", PARAMS)
    dump_model(model, tmp_path / "model.json")
    saved = SavedModels.write(project, {"factor_model": [tmp_path / "model.json"]}, tmp_path / "saved", None)
    loaded = saved.load("factor_model")
    changes = model.changes_of(planted())
    np.testing.assert_array_equal(loaded.transform(changes), model.transform(changes))
    assert (loaded.factor_names, loaded.status) == (model.factor_names, model.status)
