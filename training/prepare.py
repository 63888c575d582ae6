"""Makes training groups from text: `python training/prepare.py --help`.

Writes into --out:
  passages.jsonl   {id, source, page, heading, text}: each passage once
  groups.jsonl     {query, positive, negatives, kind, source}: ids of passages; what `train.py` reads
  dev.jsonl        the same for pages that are trained on nowhere; `evaluate.py --data` reads it
  dev/*.csv        its written questions by source, with distractors, for `npm run evaluate` and `e2e/fit-blend.ts`
  summary.json     counts, options, and what was left out and why
Passages that share 30 consecutive letters with a text of --keep-out are left out.
"""

import argparse
import csv
import json
import random
import sys
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from lib import made_questions as made
from lib.bm25 import Bm25, terms
from lib.progress import Progress
from lib.rows import (
    WRITTEN_SOURCE,
    KeepOut,
    Row,
    letters,
    passage_id,
    read_jsonl,
    read_pages,
    read_rows,
    write_jsonl,
)

# Share of groups each source gets, and how often one of its passages may be asked for. What a reader of help pages
# asks is nearer to documentation than to law, and law is half of the text: hence the cap.
SHARES = {
    "law-legalize": (0.20, 2),
    "ms-sql-ht": (0.20, 3),
    "ms-visualstudio-ht": (0.10, 3),
    "ms-visualstudio-mt": (0.02, 1),
    "ms-sql-mt": (0.01, 1),
    "ms-cpp-ht": (0.03, 4),
    "ms-powershell-ht": (0.04, 5),
    "ms-alchemy-ht": (0.02, 8),
    "ms-alchemy-mt": (0.004, 3),
    "tf-ko": (0.08, 5),
    "python-docs-ko": (0.06, 6),
    "react-ko": (0.05, 7),
    "pytorch-kr": (0.03, 7),
    "toss-ff": (0.03, 8),
    "tech-interview": (0.03, 8),
    "boddari-news-reviews": (0.08, 8),
    "boddari-fairytale": (0.004, 8),
    WRITTEN_SOURCE: (0.01, 2),
}
# A site that is never trained on: what the model does there is what it will do on a stranger's.
DEV_SOURCE = "vue-ko"
WRITTEN_DEV_SHARE, DEV_SHARE = 8, 40
DEV_LEAST_QUESTIONS, DEV_MOST_QUESTIONS, DEV_DOCUMENTS = 30, 150, 1000
CANDIDATES, KEPT_HARD = 20, 7
# Of their character pairs; above it two passages say the same, and neither is a wrong answer for the other.
SAME_TEXT = 0.6


def main() -> None:
    options = parse_options()
    rng = random.Random(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    dropped: Counter[str] = Counter()
    pages, written = read_pages(options.pages)
    rows = read_rows(options.pairs) + pages
    rows = [row for row in rows if row.source in SHARES or row.source == DEV_SOURCE or not options.known_sources]
    kept_out = KeepOut(keep_out_texts(options.keep_out))
    clean = [row for row in rows if row.passage not in kept_out]
    dropped["shares 30 letters with an evaluation text"] = len(rows) - len(clean)

    for passage, questions in read_written(options.questions).items():
        written.setdefault(passage, []).extend(questions)
    dev_pages = choose_dev_pages(clean, written)
    makers = Groups(clean, dev_pages, rng)
    groups, dev = makers.made(options.groups), []
    for row_groups in makers.written(written):
        (dev if makers.rows[row_groups[0]["positive"]].page in dev_pages else groups).extend(row_groups)
    dev += makers.made_for_dev(options.dev_groups)
    passages = [
        {"id": row.id, "source": row.source, "page": row.page, "heading": row.heading, "text": row.passage}
        for row in clean
    ]
    for path in options.triplets:
        more_groups, more_passages = from_triplets(path, rng)
        groups += more_groups
        passages += more_passages
    rng.shuffle(groups)
    write_jsonl(options.out / "passages.jsonl", {value["id"]: value for value in passages}.values())
    write_jsonl(options.out / "groups.jsonl", groups)
    write_jsonl(options.out / "dev.jsonl", dev)
    write_dev_csvs(options.out / "dev", dev, clean, rng)
    summary = {
        "options": {key: str(value) for key, value in vars(options).items()},
        "passages": len(passages),
        "groups": dict(Counter(group["kind"] for group in groups)),
        "groupsBySource": dict(Counter(group["source"] for group in groups)),
        "dev": dict(Counter(group["kind"] for group in dev)),
        "dropped": dict(dropped),
    }
    (options.out / "summary.json").write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n")
    print(json.dumps(summary, ensure_ascii=False, indent=2))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--pairs", type=Path, nargs="*", default=[], help="{source, licence, kind, query, context, passage}"
    )
    parser.add_argument("--triplets", type=Path, nargs="*", default=[], help="{query, pos, neg}, as MS MARCO's")
    parser.add_argument("--questions", type=Path, nargs="*", default=[], help="{passage, questions} written by hand")
    parser.add_argument("--pages", type=Path, nargs="*", default=[], help="{page, heading, text, questions}, by hand")
    parser.add_argument("--keep-out", type=Path, nargs="*", default=[], help="CSV or JSONL files to be judged by")
    parser.add_argument("--known-sources", action="store_true", help="only sources with a share in SHARES")
    parser.add_argument("--groups", type=int, default=150_000, help="made questions (default: %(default)s)")
    parser.add_argument("--dev-groups", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if not options.pairs and not options.pages and not options.triplets:
        parser.error("give --pairs, --pages or --triplets: there is nothing to make groups from")
    return options


def keep_out_texts(paths: Iterable[Path]) -> Iterable[str]:
    for path in paths:
        if path.suffix == ".csv":
            with open(path, encoding="utf-8-sig", newline="") as lines:
                for value in csv.DictReader(lines):
                    yield from (text for text in value.values() if text)
        else:
            for value in read_jsonl(path):
                yield from (text for text in value.values() if isinstance(text, str))


def read_written(paths: Iterable[Path]) -> dict[str, list[str]]:
    written: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        for value in read_jsonl(path):
            written[value["passage"]] += [question.strip() for question in value["questions"] if question.strip()]
    return written


def choose_dev_pages(rows: Sequence[Row], written: dict[str, list[str]]) -> set[str]:
    def lot(page: str) -> int:
        return zlib.crc32(page.encode())

    pages = {row.page for row in rows if row.source == DEV_SOURCE or lot(row.page) % DEV_SHARE == 0}
    return pages | {row.page for row in rows if row.id in written and lot(row.page) % WRITTEN_DEV_SHARE == 0}


def write_dev_csvs(folder: Path, dev: Sequence[dict], rows: Sequence[Row], rng: random.Random) -> None:
    """A site of DEV_DOCUMENTS documents for each source with enough written questions."""
    folder.mkdir(exist_ok=True)
    asked: dict[str, list[dict]] = defaultdict(list)
    for group in dev:
        if group["kind"] == "written":
            asked[group["source"]].append(group)
    for source, groups in asked.items():
        if len(groups) < DEV_LEAST_QUESTIONS:
            continue
        groups = rng.sample(groups, min(DEV_MOST_QUESTIONS, len(groups)))
        wanted = {group["positive"] for group in groups}
        others = [row for row in rows if row.source == source and row.id not in wanted]
        others = rng.sample(others, min(max(0, DEV_DOCUMENTS - len(wanted)), len(others)))
        shown = [row for row in rows if row.id in wanted] + others
        with open(folder / f"{source}.csv", "w", encoding="utf-8", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(["question", "answer", "doc_id", "doc"])
            lines.writerows(["", "", row.id, f"{row.heading}\n{row.passage}"] for row in shown)
            lines.writerows([group["query"], "", group["positive"], ""] for group in groups)


class Groups:
    """Questions with their right passage and with wrong ones that look right."""

    def __init__(self, rows: Sequence[Row], dev_pages: set[str], rng: random.Random) -> None:
        self.rows = {row.id: row for row in rows}
        self._dev_pages, self._rng = dev_pages, rng
        self._by_source: dict[str, list[Row]] = defaultdict(list)
        self._by_page: dict[str, list[Row]] = defaultdict(list)
        for row in rows:
            self._by_source[row.source].append(row)
            self._by_page[row.page].append(row)
        self._first_stages: dict[str, Bm25] = {}
        self._term_sets: dict[str, frozenset[str]] = {}

    def made(self, total: int) -> list[dict]:
        groups: list[dict] = []
        progress = Progress("made questions", total)
        for source, (share, most) in SHARES.items():
            rows = [row for row in self._by_source[source] if row.page not in self._dev_pages]
            wanted = min(round(share * total), most * len(rows))
            for at in range(wanted):
                if at % max(1, len(rows)) == 0:
                    self._rng.shuffle(rows)
                groups += self._group(rows[at % len(rows)], *self._question(rows[at % len(rows)]))
                progress.step()
        progress.end()
        return groups

    def made_for_dev(self, total: int) -> list[dict]:
        rows = [row for row in self.rows.values() if row.page in self._dev_pages and row.source in SHARES]
        self._rng.shuffle(rows)
        return [group for row in rows[:total] for group in self._group(row, *self._question(row), in_dev=True)]

    def written(self, written: dict[str, list[str]]) -> Iterable[list[dict]]:
        progress = Progress("written questions", len(written))
        for passage, questions in written.items():
            progress.step()
            row = self.rows.get(passage)
            groups = [group for q in questions for group in self._group(row, q, "written")] if row else []
            if groups:
                yield groups
        progress.end()

    def _question(self, row: Row) -> tuple[str, str]:
        rng = self._rng
        way = rng.random()
        if way < 0.42:
            return made.typed(made.about_heading(row.heading, row.source, rng), rng), "heading"
        if way < 0.50:
            return made.typed(made.keywords(f"{row.page.split('/', 1)[1]} {row.heading}", rng, 7), rng), "keywords"
        asked = made.asked_sentence(row.passage, rng)
        if asked is None:
            return made.typed(row.heading, rng), "heading"
        if way < 0.62:
            return made.typed(made.keywords(asked[1], rng), rng), "sentence-keywords"
        return made.typed(asked[0], rng), "sentence"

    def _group(self, row: Row, query: str, kind: str, in_dev: bool = False) -> list[dict]:
        """One group, or none where the query is empty or finds nothing to tell apart from its answer."""
        query = " ".join(query.split())[:300]
        if len(query) < 2:
            return []
        hard = [other.id for other in self._found(query, row) if in_dev or other.page not in self._dev_pages]
        if len(hard) > KEPT_HARD and not in_dev:
            # Mostly the best, for these are mistaken for the answer; some from further down.
            hard = hard[:4] + self._rng.sample(hard[4:], KEPT_HARD - 4)
        siblings = [other for other in self._by_page[row.page] if other.id != row.id and self._is_wrong(other, row)]
        negatives = hard + [other.id for other in self._rng.sample(siblings, min(2, len(siblings)))]
        negatives.append(self._rng.choice(self._by_source[row.source]).id)
        negatives = [other for other in dict.fromkeys(negatives) if other != row.id]
        if len(negatives) < 2:
            return []
        return [{"query": query, "positive": row.id, "negatives": negatives, "kind": kind, "source": row.source}]

    def _found(self, query: str, row: Row) -> list[Row]:
        rows = self._by_source[row.source]
        if row.source not in self._first_stages:
            self._first_stages[row.source] = Bm25([f"{other.heading}\n{other.passage}" for other in rows])
        found = [rows[at] for at in self._first_stages[row.source].search(query, CANDIDATES)[0]]
        return [other for other in found if other.id != row.id and self._is_wrong(other, row)]

    def _is_wrong(self, other: Row, row: Row) -> bool:
        if letters(other.heading) == letters(row.heading) and other.source != "law-legalize":
            return False
        ours, theirs = self._terms(row), self._terms(other)
        return len(ours & theirs) <= SAME_TEXT * min(len(ours), len(theirs))

    def _terms(self, row: Row) -> frozenset[str]:
        if row.id not in self._term_sets:
            self._term_sets[row.id] = frozenset(terms(row.passage))
        return self._term_sets[row.id]


def from_triplets(path: Path, rng: random.Random) -> tuple[list[dict], list[dict]]:
    """Groups of `{query, pos: [text], neg: [text]}` lines; lines with an empty part, or "err" for one, are dropped."""
    groups, passages, source = [], [], path.name.removesuffix(".gz").removesuffix(".jsonl")
    seen: set[str] = set()
    for value in read_jsonl(path):
        query, pos, neg = value.get("query", "").strip(), value.get("pos", []), value.get("neg", [])
        pos, neg = ([text.strip() for text in texts if text.strip() not in ("", "err")] for texts in (pos, neg))
        neg = [text for text in neg if letters(text) not in {letters(right) for right in pos}]
        if query in ("", "err") or not pos or not neg or letters(query) in seen:
            continue
        seen.add(letters(query))
        passages += [
            {"id": passage_id(text), "source": source, "page": source, "heading": "", "text": text}
            for text in pos + neg
        ]
        groups.append(
            {
                "query": query,
                "positive": passage_id(rng.choice(pos)),
                "negatives": [passage_id(text) for text in neg],
                "kind": "triplet",
                "source": source,
            }
        )
    if not groups:
        sys.exit(f"{path} holds no line {{query, pos, neg}} with text in all three.")
    return groups, passages


if __name__ == "__main__":
    main()
