"""What the site needs beyond docs/: documents at the project's root, the sources that they point to, and the diagram."""

import posixpath
import re
from pathlib import Path

import mermaidx
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "src/dvc_parallel/README.md": "dvc_parallel.md",
}
"""Documents outside of docs/, and what they are called on the site."""
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)\s#]+)")
DIAGRAM = re.compile(r"^```mermaid\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
LANGUAGES = {".py": "python", ".yaml": "yaml", ".yml": "yaml"}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the documents that lie elsewhere, and a page for each file that a document points to."""
    for source, page in DOCUMENTS.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    texts = {source: (ROOT / source).read_text(encoding="utf-8") for source in DOCUMENTS}
    texts |= {f"docs/{file.src_uri}": file.content_string for file in files.documentation_pages() if file.abs_src_path}
    for source in sorted(
        {target for name, text in texts.items() for target in _targets(name, text) if _is_code(target)}
    ):
        files.append(File.generated(config, _page_of(source), content=_code_page(source)))
    return files


def on_page_markdown(markdown: str, page: object, config: MkDocsConfig, files: Files) -> str:
    """Let links lead to where their targets are on the site, and draw diagrams here, so that no browser must."""
    uri = page.file.src_uri
    source = {name: document for document, name in DOCUMENTS.items()}.get(uri, f"docs/{uri}")
    here = posixpath.dirname(uri)

    def moved(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[1]))
        return posixpath.relpath(_page_of(target), here or ".")

    return DIAGRAM.sub(lambda found: f"{mermaidx.render(found[1], theme='neutral').svg()}\n", LINK.sub(moved, markdown))


def _targets(source: str, text: str) -> set[str]:
    return {posixpath.normpath(posixpath.join(posixpath.dirname(source), link)) for link in LINK.findall(text)}


def _is_code(target: str) -> bool:
    return Path(target).suffix in LANGUAGES and (ROOT / target).is_file()


def _page_of(target: str) -> str:
    """Return where a file of the project stands on the site."""
    if target in DOCUMENTS:
        return DOCUMENTS[target]
    return (
        f"sources/{target}.md"
        if _is_code(target) and not target.startswith("docs/notebooks/")
        else target.removeprefix("docs/")
    )


def _code_page(source: str) -> str:
    text = (ROOT / source).read_text(encoding="utf-8")
    return f"# {source}\n\n````{LANGUAGES[Path(source).suffix]}\n{text}````\n"
