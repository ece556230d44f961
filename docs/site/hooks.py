"""What the site has beyond docs/: documents from elsewhere, the sources they point to, notebooks, cards, diagrams.

Notebooks are Python files in the percent format; they run in one folder, in the order of `NOTEBOOKS`.
"""

import os
import posixpath
import re
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import mermaidx
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nbclient import NotebookClient
from nbconvert import MarkdownExporter

import richcheap

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "security.md",
    "src/dvc_parallel/README.md": "dvc_parallel.md",
}
"""Documents outside of docs/, and what they are called on the site."""
SHOWN = "docs/notebooks/"
NOTEBOOKS = ("quick_start", "trader", "quant", "engineer")
FOLDER = "RICHCHEAP_NOTEBOOKS"
"""Variable that names the folder in which notebooks run; without it, one that is removed afterwards."""
PATIENCE_SECONDS = 600
CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)")
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
LANGUAGES = {".md": "markdown", ".py": "python", ".yaml": "yaml", ".yml": "yaml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that lie elsewhere, and a page for each file that a document points to."""
    for source, page in DOCUMENTS.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    texts = {source: (ROOT / source).read_text(encoding="utf-8") for source in DOCUMENTS}
    texts |= {f"docs/{file.src_uri}": file.content_string for file in files.documentation_pages() if file.abs_src_path}
    targets = {target for source, text in texts.items() for target in _targets(source, text)}
    for target in sorted(filter(_is_code, targets)):
        files.append(File.generated(config, _page_of(target), content=_code_page(target)))
    notebooks = [files.src_uris[f"notebooks/{name}.py"] for name in NOTEBOOKS]
    for notebook, text in zip(notebooks, _run_notebooks(*(one.content_string for one in notebooks)), strict=True):
        files.remove(notebook)
        files.append(File.generated(config, notebook.src_uri.removesuffix(".py") + ".md", content=text))
    files.append(File.generated(config, "cards.md", content=_cards()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Let links lead to where their targets are on the site, and draw diagrams here, so that no browser must."""
    uri = page.file.src_uri
    source = {name: document for document, name in DOCUMENTS.items()}.get(uri, f"docs/{uri}")
    here = posixpath.dirname(uri)

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        return posixpath.relpath(_page_of(target), here or ".")

    return DIAGRAM.sub(_drawn, LINK.sub(moved, markdown))


def _drawn(diagram: re.Match[str]) -> str:
    return f'<div class="diagram">{mermaidx.render(diagram[1], theme="neutral").svg()}</div>\n'


def _targets(source: str, text: str) -> set[str]:
    return {posixpath.normpath(posixpath.join(posixpath.dirname(source), link)) for link in LINK.findall(text)}


def _is_code(target: str) -> bool:
    document = (
        target in DOCUMENTS or target.startswith(SHOWN) or (target.startswith("docs/") and target.endswith(".md"))
    )
    return not document and Path(target).suffix in LANGUAGES and (ROOT / target).is_file()


def _page_of(target: str) -> str:
    """Return where a file of the project stands on the site."""
    if target in DOCUMENTS:
        return DOCUMENTS[target]
    if target.startswith(SHOWN):
        return str(Path(target.removeprefix("docs/")).with_suffix(".md"))
    return (
        f"sources/{target}.md"
        if _is_code(target) and not target.startswith("docs/notebooks/")
        else target.removeprefix("docs/")
    )


def _code_page(source: str) -> str:
    text = (ROOT / source).read_text(encoding="utf-8")
    return f"# {source}\n\n````{LANGUAGES[Path(source).suffix]}\n{text}````\n"


@cache
def _run_notebooks(*texts: str) -> list[str]:
    """Run notebooks, and return each as Markdown with what it has printed and shown; `mkdocs serve` runs them once."""
    os.environ |= {"NO_COLOR": "1", "SHELL": "/bin/sh", "TERM": "dumb"}  # what the commands print is text
    with TemporaryDirectory() as folder:
        return [_run(text, os.environ.get(FOLDER) or folder) for text in texts]


def _run(text: str, folder: str) -> str:
    notebook = jupytext.reads(text, fmt="py:percent")
    NotebookClient(
        notebook,
        timeout=PATIENCE_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": folder}},
        extra_arguments=["--log-level=ERROR"],
    ).execute()
    exporter = MarkdownExporter()  # type: ignore[no-untyped-call]  # its constructor has no types
    shown, _ = exporter.from_notebook_node(notebook)
    return CONTROL.sub("", shown)


def _cards() -> str:
    """Return the cards of the models of the run that git tracks, below one heading."""
    cards = "\n".join(re.sub(r"^#", "##", card, flags=re.MULTILINE) for card in richcheap.cards(ROOT).values())
    return f"# Model cards\n\nOf the run on the embedded market, as `richcheap.cards(PROJECT)` makes them.\n\n{cards}"
