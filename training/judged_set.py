"""Writes the Korean Python FAQ as a set to judge by: `python training/judged_set.py --pairs docs.jsonl.gz --out CSV`.

136 questions, each with its answer as the right document, among the passages of the rest of Python's documentation
(source `python-docs-ko` of the training pairs: seen in training, the answers not).
"""

import argparse
import csv
from pathlib import Path

from lib.rows import read_jsonl, read_rows

FAQ = Path(__file__).parent / "judged/python-faq-ko.jsonl"
DISTRACTORS = "python-docs-ko"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, nargs="*", default=[], help="without them, the answers alone")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with open(options.out, "w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["question", "answer", "doc_id", "doc"])
        for number, value in enumerate(read_jsonl(FAQ), 1):
            lines.writerow([value["q"], "", f"faq-{number}", value["p"]])
        for row in read_rows(options.pairs):
            if row.source == DISTRACTORS:
                lines.writerow(["", "", row.id, row.passage])


if __name__ == "__main__":
    main()
