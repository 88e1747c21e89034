"""Show pages of the repository beside those of docs/, and turn links to its files.

A link from a page to another page of the repository, such as the record of an experiment, leads to
that page in the site, and one to a picture shows it. A link to any other file is a link below
``repo_url`` if that is set, and the name of the file otherwise.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]
PLACE = "repository"
PAGES = (
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "src/adverts/runtime/README.md",
    "data/*/README.md",
    "experiments/*/*.md",
)
PICTURES = ("experiments/*/*.png", "experiments/*/*.svg")
HOME = "README.md"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")
FENCE = re.compile(r"(^```.*?^```$|`[^`\n]+`)", re.DOTALL | re.MULTILINE)
CODE = "\x00"
LAST = "---\nsearch:\n  boost: 0.3\n---\n"


def shown(patterns: tuple[str, ...]) -> list[str]:
    """Return the files of the repository that match, relative to its root, in order."""
    found = (path for pattern in patterns for path in sorted(ROOT.glob(pattern)))
    return [path.relative_to(ROOT).as_posix() for path in found]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages, their pictures and the list of experiments."""
    for name in shown(PAGES):
        text = LAST + (ROOT / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"{PLACE}/{name}", content=text))
    for name in shown(PICTURES):
        place = f"{PLACE}/{name}"
        files.append(File.generated(config, place, abs_src_path=str(ROOT / name)))
    files.append(File.generated(config, "experiments.md", content=list_of_experiments()))
    for name in ("hooks.css", "iframe-worker.js"):
        place = str(Path(__file__).with_name(name))
        files.append(File.generated(config, name, abs_src_path=place))
    return files


def list_of_experiments() -> str:
    """Return a page that lists the record of each experiment, and the card of each dataset."""
    lines = ["# What was measured", ""]
    lines += ["Each record asks one question and keeps its answer, negative ones too.", ""]
    lines += [_entry(name) for name in shown(("experiments/*/README.md",))]
    lines += ["", "## Datasets", "", *(_entry(name) for name in shown(("data/*/README.md",)))]
    return "\n".join([*lines, ""])


def _entry(name: str) -> str:
    first = (ROOT / name).read_text(encoding="utf-8").partition("\n")[0]
    return f"* [{first.removeprefix('# ')}]({PLACE}/{name})"


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Return the page with each link to a file of the repository turned, code left as it is."""
    parts = FENCE.split(markdown)
    code = [part for part in parts if part.startswith("`")]
    words = "".join(CODE if part.startswith("`") else part for part in parts)
    turned = LINK.sub(lambda link: _turned(link, page.file.src_uri, config, files), words)
    pieces = zip(turned.split(CODE), [*code, ""], strict=True)
    return "".join(piece + one for piece, one in pieces)


def _in_repository(source: str) -> str:
    inside = source.removeprefix(f"{PLACE}/")
    return inside if inside != source else f"docs/{source}"


def _turned(link: re.Match[str], page: str, config: MkDocsConfig, files: Files) -> str:
    picture, text, target, anchor = link.groups(default="")
    wanted = os.path.normpath(PurePosixPath(_in_repository(page)).parent / target)
    place = "index.md" if wanted == HOME else _in_site(wanted)
    place = f"{place.removesuffix('.ipynb')}.md" if place.endswith(".ipynb") else place
    if files.get_file_from_path(place) is not None:
        return f"{picture}[{text}]({os.path.relpath(place, PurePosixPath(page).parent)}{anchor})"
    if not (ROOT / wanted).exists():
        return link[0]  # a broken link, which the strict build names
    if config.repo_url:
        return f"{picture}[{text}]({config.repo_url.rstrip('/')}/blob/main/{wanted}{anchor})"
    if CODE in text:
        return text
    return f"`{wanted}`" if text in wanted else f"{text} (`{wanted}`)"


def _in_site(name: str) -> str:
    inside = name.removeprefix("docs/")
    return inside if inside != name else f"{PLACE}/{name}"
