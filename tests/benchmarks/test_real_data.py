from benchmarks.real_data import data_folder


def test_an_empty_folder_of_data_is_not_the_folder_one_stands_in(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RICHCHEAP_DATA", raising=False)
    usual = data_folder()
    assert usual.name == "data"
    monkeypatch.setenv("RICHCHEAP_DATA", "")
    assert data_folder() == usual
    monkeypatch.setenv("RICHCHEAP_DATA", "here")
    assert data_folder() == tmp_path / "here"
