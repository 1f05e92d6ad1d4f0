"""A hook of MkDocs: the pages read well as files of the repository, and this makes the site of them.

Files of the repository's root become pages, and a link whose text is a file's name gets that page's title instead.
"""

import re
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


def on_page_markdown(markdown: str, files: Any, **_: Any) -> str:
    titles = {
        file.src_uri: file.content_string.partition("\n")[0].removeprefix("# ") for file in files.documentation_pages()
    }
    roots = "|".join(map(re.escape, ROOT_FILES))
    markdown = re.sub(rf"\]\(((?:\.\./)?)\.\./({roots})", r"](\1\2", markdown)
    # The README is no page of the site; the first page has its place.
    markdown = markdown.replace("](../../README.md)", "](../index.md)")
    return re.sub(r"\[(?:docs/)?([\w-]+\.md)\](?=\()", lambda link: f"[{titles.get(link[1], link[1])}]", markdown)
