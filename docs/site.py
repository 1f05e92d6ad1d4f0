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
    markdown = re.sub(rf"\]\(\.\./({'|'.join(map(re.escape, ROOT_FILES))})", r"](\1", markdown)
    return re.sub(r"\[(?:docs/)?([\w-]+\.md)\](?=\()", lambda link: f"[{titles.get(link[1], link[1])}]", markdown)
