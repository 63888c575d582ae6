"""The text that training starts from: passages with the heading and the page they stand under."""

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_NOT_LETTERS = re.compile(r"[\W_]+")
_HANGUL = re.compile("[가-힣]")
# Length of a run of letters that two texts share only where one was taken from the other.
OVERLAP = 30
WRITTEN_SOURCE = "written"


@dataclass(frozen=True, slots=True)
class Row:
    """One passage. `page` is what the split keeps together: a page of documentation, or an act."""

    id: str
    source: str
    licence: str
    page: str
    heading: str
    passage: str
    kind: str


def passage_id(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()[:12]


def read_jsonl(path: Path) -> Iterator[dict]:
    """Objects of a JSONL or JSONL.gz file; a broken line is named, for half a file is worse than none."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")
    with opened as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield json.loads(line)
            except json.JSONDecodeError as error:
                raise SystemExit(f"{path}:{number}: not JSON ({error.msg}). Mend or remove the line.") from error


def write_jsonl(path: Path, objects: Iterable[dict]) -> int:
    partial = path.with_suffix(path.suffix + ".partial")
    count = 0
    with open(partial, "w", encoding="utf-8") as out:
        for value in objects:
            out.write(json.dumps(value, ensure_ascii=False) + "\n")
            count += 1
    partial.rename(path)
    return count


def letters(text: str) -> str:
    """What is left for comparing texts: no spaces, no punctuation, lower case."""
    return _NOT_LETTERS.sub("", text).lower()


def read_rows(paths: Iterable[Path]) -> list[Row]:
    """Rows of `{source, licence, kind, query, context, passage}` files, without repeats and text that isn't Korean."""
    rows: dict[str, Row] = {}
    for path in paths:
        for value in read_jsonl(path):
            passage = value["passage"].strip()
            if len(passage) < 40 and value["source"] != "chatbot":
                continue
            if len(_HANGUL.findall(passage)) < 0.25 * len(passage):
                continue
            key = letters(passage)
            if key not in rows:
                source, context = value["source"], value["context"]
                page = context.rsplit(" ", 1)[0] if value["kind"] == "law-article" else context.split(" > ")[0]
                rows[key] = Row(
                    id=passage_id(passage),
                    source=source,
                    licence=value["licence"],
                    page=f"{source}/{page}" if page else f"{source}/{value['query']}",
                    heading=value["query"].strip(),
                    passage=passage,
                    kind=value["kind"],
                )
    return list(rows.values())


def read_pages(paths: Iterable[Path]) -> tuple[list[Row], dict[str, list[str]]]:
    """Rows of `{page, heading, text, questions}` files, which are one source together, and questions by passage id."""
    rows: dict[str, Row] = {}
    questions: dict[str, list[str]] = {}
    for path in paths:
        for value in read_jsonl(path):
            text = value["text"].strip()
            row = Row(
                id=passage_id(text),
                source=WRITTEN_SOURCE,
                licence="MIT",
                page=f"{WRITTEN_SOURCE}/{path.stem}/{value['page']}",
                heading=value["heading"].strip(),
                passage=text,
                kind="written",
            )
            rows[row.id] = row
            questions[row.id] = value["questions"]
    return list(rows.values()), questions


class KeepOut:
    """Finds rows that share `OVERLAP` consecutive letters with a text that must not be trained on."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._pieces: set[str] = set()
        for text in texts:
            bare = letters(text)
            self._pieces.update(bare[at : at + OVERLAP] for at in range(len(bare) - OVERLAP + 1))

    def __contains__(self, text: str) -> bool:
        bare = letters(text)
        return any(bare[at : at + OVERLAP] in self._pieces for at in range(len(bare) - OVERLAP + 1))
