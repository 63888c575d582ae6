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

from lib.groups import SHARES, Groups
from lib.rows import (
    KeepOut,
    Row,
    letters,
    passage_id,
    read_jsonl,
    read_pages,
    read_rows,
    write_jsonl,
)

# A site that is never trained on: what the model does there is what it will do on a stranger's.
DEV_SOURCE = "vue-ko"
WRITTEN_DEV_SHARE, DEV_SHARE = 8, 40
DEV_LEAST_QUESTIONS, DEV_MOST_QUESTIONS, DEV_DOCUMENTS = 30, 150, 1000


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
    if not groups:
        sys.exit(
            "No group could be made: each page wants two passages or more, in Korean and of 40 characters or more."
        )
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
