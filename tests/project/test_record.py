"""The record of what was written into a project."""

import pytest

from richcheap.pipeline.errors import ArtifactError
from richcheap.project.record import FILE, digest, read, record_of


def test_what_is_written_is_read(tmp_path):
    record = record_of("1.2.3", {"b/c.txt": b"two", "a.txt": b"one"})
    record.write(tmp_path)
    assert read(tmp_path) == record == ("1.2.3", {"a.txt": digest(b"one"), "b/c.txt": digest(b"two")})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"richcheap": "1", "files": []}'])
def test_a_broken_record_is_told_in_one_line(tmp_path, text):
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(ArtifactError, match=r"json: expected what `richcheap new` wrote, got something else"):
        read(tmp_path)
