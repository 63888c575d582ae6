"""Judged questions with their candidates, and the metrics of `src/eval/metrics.ts`."""

import csv
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lib.bm25 import Bm25
from lib.rows import read_jsonl

CANDIDATES, CUT = 20, 10
RESAMPLES = 2000


@dataclass
class Judged:
    """A question; texts and first-stage scores of its candidates, best first; and the place of the right one, or none."""

    set: str
    query: str
    texts: list[str]
    scores: np.ndarray
    right: int | None


def read_csv(path: Path) -> list[Judged]:
    """Questions of a `question,answer,doc_id,doc` file; a document's text may stand in any of its rows."""
    with open(path, encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    documents = {row["doc_id"]: row["doc"] for row in rows if row["doc"].strip()}
    stage = FirstStage(documents.values(), list(documents))
    return [stage.judged(path.stem, row["question"], row["doc_id"]) for row in rows if row["question"].strip()]


def read_dev(folder: Path, most: int, seed: int = 1) -> list[Judged]:
    """At most `most` questions of each kind of a prepared folder, over all passages of their source."""
    passages: dict[str, list[dict]] = defaultdict(list)
    for value in read_jsonl(folder / "passages.jsonl"):
        passages[value["source"]].append(value)
    by_kind: dict[str, list[dict]] = defaultdict(list)
    for group in read_jsonl(folder / "dev.jsonl"):
        by_kind["written" if group["kind"] == "written" else "made"].append(group)
    rng, judged, stages = random.Random(seed), [], {}
    for kind, groups in by_kind.items():
        for group in rng.sample(groups, min(most, len(groups))):
            source = group["source"]
            if source not in stages:
                found = passages[source]
                stages[source] = FirstStage(
                    [f"{value['heading']}\n{value['text']}" for value in found],
                    [value["id"] for value in found],
                    [value["text"] for value in found],
                )
            where = "unseen site" if source == "vue-ko" else "unseen page"
            judged.append(stages[source].judged(f"{kind}, {where}", group["query"], group["positive"]))
    return judged


class FirstStage:
    """BM25 over texts; candidates may be shown without the heading that found them."""

    def __init__(self, texts: Iterable[str], names: Sequence[str], shown: Sequence[str] | None = None) -> None:
        texts = list(texts)
        self._index, self._names, self._shown = Bm25(texts), names, shown or texts

    def judged(self, name: str, query: str, right: str) -> Judged:
        found, scores = self._index.search(query, CANDIDATES)
        names = [self._names[at] for at in found]
        place = names.index(right) if right in names else None
        return Judged(name, query, [self._shown[at] for at in found], scores, place)


def reciprocal_ranks(questions: Sequence[Judged], score: Callable[[int], np.ndarray]) -> np.ndarray:
    """[questions] of 1 / rank of the right candidate by `score(question)`, 0 below rank 10; ties keep their order."""
    ranks = np.zeros(len(questions))
    for at, question in enumerate(questions):
        if question.right is None:
            continue
        order = np.argsort(-score(at), kind="stable")
        rank = int(np.where(order == question.right)[0][0]) + 1
        ranks[at] = 1 / rank if rank <= CUT else 0.0
    return ranks


def difference(ours: np.ndarray, theirs: np.ndarray, seed: int = 1) -> tuple[float, float, float]:
    """Mean difference of the same questions' ranks, and its 95 % interval by bootstrap."""
    deltas = ours - theirs
    rng = np.random.default_rng(seed)
    means = deltas[rng.integers(0, len(deltas), (RESAMPLES, len(deltas)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(deltas.mean()), float(low), float(high)
