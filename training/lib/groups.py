"""Groups to train on: questions with their right passage and wrong ones that look right."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence

from lib import made_questions as made
from lib.bm25 import Bm25, terms
from lib.progress import Progress
from lib.rows import WRITTEN_SOURCE, Row, letters

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
# Of a source that has no share above.
MOST_QUESTIONS = 8
CANDIDATES, KEPT_HARD = 20, 7
# Of their character pairs; above it two passages say the same, and neither is a wrong answer for the other.
SAME_TEXT = 0.6


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
        for source, (share, most) in self._shares().items():
            rows = [row for row in self._by_source[source] if row.page not in self._dev_pages]
            wanted = min(round(share * total), most * len(rows))
            for at in range(wanted):
                if at % max(1, len(rows)) == 0:
                    self._rng.shuffle(rows)
                groups += self._group(rows[at % len(rows)], *self._question(rows[at % len(rows)]))
                progress.step()
        progress.end()
        return groups

    def _shares(self) -> dict[str, tuple[float, int]]:
        """SHARES, or for text of other sources a share by its length; development sources have none."""
        trained = {row.source for row in self.rows.values() if row.page not in self._dev_pages}
        return {
            source: SHARES.get(source, (len(self._by_source[source]) / len(self.rows), MOST_QUESTIONS))
            # In a fixed order, for all draw from one stream of random numbers.
            for source in [*(known for known in SHARES if known in trained), *sorted(trained - SHARES.keys())]
        }

    def made_for_dev(self, total: int) -> list[dict]:
        shares = self._shares()
        rows = [row for row in self.rows.values() if row.page in self._dev_pages and row.source in shares]
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
