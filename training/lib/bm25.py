"""The first stage that negatives are mined with: BM25 over the same terms as `src/retrieval/korean-tokenizer.ts`."""

import re
import unicodedata
from collections.abc import Sequence

import bm25s
import numpy as np

_HANGUL = r"\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3"
_HAN_KANA = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_RUN = re.compile(
    rf"([{_HANGUL}]+|[{_HAN_KANA}]+)|[^\W_{_HANGUL}{_HAN_KANA}]+(?:(?<=\d)\.(?=\d)[^\W_{_HANGUL}{_HAN_KANA}]+)*"
)


def terms(text: str) -> list[str]:
    """Character bigrams of Hangul and Chinese or Japanese runs, whole words of everything else, folded."""
    found: list[str] = []
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        word = run[0]
        if run[1] is None or len(word) == 1:
            found.append(word)
        else:
            found += [word[at : at + 2] for at in range(len(word) - 1)]
    return found


class Bm25:
    """Searches a fixed list of texts."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._vocabulary: dict[str, int] = {}
        ids = [[self._vocabulary.setdefault(term, len(self._vocabulary)) for term in terms(text)] for text in texts]
        self._index = bm25s.BM25(method="bm25+", k1=1.2, b=0.7, delta=0.5)
        self._index.index((ids, self._vocabulary), show_progress=False)
        self._count = len(texts)

    def search(self, query: str, limit: int) -> tuple[np.ndarray, np.ndarray]:
        """[≤ limit] positions of the best texts, best first, and their scores: sums × matched terms, as MiniSearch's."""
        known = [self._vocabulary[term] for term in terms(query) if term in self._vocabulary]
        if not known:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        scores = self._index.get_scores_from_ids(known) * self._matched(known)
        best = np.argpartition(-scores, min(limit, self._count - 1))[:limit]
        best = best[np.argsort(-scores[best], kind="stable")]
        best = best[scores[best] > 0]
        return best, scores[best]

    def _matched(self, query: list[int]) -> np.ndarray:
        """[texts] of how many of the query's different terms a text holds."""
        starts, holders = self._index.scores["indptr"], self._index.scores["indices"]
        counts = np.zeros(self._count, dtype=np.int32)
        for term in set(query):
            counts[holders[starts[term] : starts[term + 1]]] += 1
        return counts
