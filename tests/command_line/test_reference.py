from richcheap.command_line import reference
from richcheap.command_line.commands import COMMANDS
from tests.conftest import ROOT


def test_the_page_of_commands_is_what_the_parsers_say():
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == reference.markdown(), "python -m richcheap.command_line.reference > docs/commands.md"


def test_every_command_has_its_place_on_the_page():
    page = reference.markdown()
    assert all(f"(#richcheap-{name})" in page and f"\n## richcheap {name}\n" in page for name in COMMANDS)
    assert "| `-j N`, `--jobs N` | stages side by side at most; default: cores |" in page
