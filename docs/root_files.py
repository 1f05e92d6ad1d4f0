"""A hook of MkDocs: shows files of the repository's root as pages, and makes links to and from them work there."""

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

ROOT_FILES = ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def on_files(files: Any, config: Any) -> Any:
    root = Path(config.config_file_path).parent
    for name in ROOT_FILES:
        text = (root / name).read_text().replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    for name in ROOT_FILES:
        markdown = markdown.replace(f"](../{name}", f"]({name}")
    return markdown
