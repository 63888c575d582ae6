"""Groups of pairs as the model reads them, padded little: pairs of one step are sorted by length and cut into parts."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from lib.rows import read_jsonl


@dataclass(frozen=True)
class PairFormat:
    """How query and document are joined, as `ModelInput` of `src/model/manifest.ts` says it."""

    cls: int = 0
    pad: int = 1
    sep: int = 2
    middle_separators: int = 1
    max_length: int = 384
    max_query_length: int = 48
    # True: token types 1 to 4, side and whether the other side holds the token too. False: the side alone, for the
    # ablation. None: 0 for the query and 1 for the document.
    match_marks: bool | None = True


@dataclass
class Pair:
    """[tokens] each."""

    ids: np.ndarray
    types: np.ndarray


@dataclass
class Part:
    """Pairs of like length: ids, types, mask [pairs, tokens], and where their logits belong in the step."""

    ids: Tensor
    types: Tensor
    mask: Tensor
    places: Tensor


class PairEncoder:
    """Joins query and document as `src/model/pair-encoding.ts` does. Remembers the tokens of texts it has seen."""

    def __init__(self, tokenizer: Tokenizer, format: PairFormat) -> None:
        self._tokenizer, self.format = tokenizer, format
        self._known: dict[str, np.ndarray] = {}

    @property
    def size(self) -> int:
        """Of the vocabulary."""
        return self._tokenizer.get_vocab_size()

    def tokens(self, text: str, remember: bool = True) -> np.ndarray:
        found = self._known.get(text)
        if found is None:
            found = np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int32)
            if remember:
                self._known[text] = found
        return found

    def pair(self, query: str, document: np.ndarray) -> Pair:
        return self.join(self.tokens(query, remember=False), document)

    def join(self, query: np.ndarray, document: np.ndarray) -> Pair:
        form = self.format
        query = query[: form.max_query_length]
        document = document[: max(0, form.max_length - len(query) - form.middle_separators - 2)]
        ids = np.concatenate([[form.cls], query, [form.sep] * form.middle_separators, document, [form.sep]])
        types = np.zeros(len(ids), dtype=np.int64)
        first = 1 + len(query) + form.middle_separators
        if form.match_marks is None:
            types[first:] = 1
            return Pair(ids, types)
        types[1 : 1 + len(query)] = 1
        types[first:-1] = 3
        if form.match_marks:
            types[1 : 1 + len(query)] += np.isin(query, document)
            types[first:-1] += np.isin(document, query)
        return Pair(ids, types)


def parts(pairs: Sequence[Pair], most_tokens: int, pad: int = 1, device: torch.device | str = "cpu") -> Iterator[Part]:
    """The pairs in parts of at most `most_tokens` tokens with padding, at least one pair each."""
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].ids))
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and len(pairs[order[end]].ids) * (end + 1 - begin) <= most_tokens:
            end += 1
        places = order[begin:end]
        length = len(pairs[places[-1]].ids)
        ids = np.full((len(places), length), pad, dtype=np.int64)
        types = np.zeros_like(ids)
        for row, at in enumerate(places):
            ids[row, : len(pairs[at].ids)] = pairs[at].ids
            types[row, : len(pairs[at].ids)] = pairs[at].types
        tensor = torch.from_numpy(ids).to(device)
        yield Part(tensor, torch.from_numpy(types).to(device), tensor != pad, torch.tensor(places, device=device))
        begin = end


@dataclass
class Passage:
    heading: str
    text: str
    page: str


@dataclass(frozen=True)
class Shown:
    """How passages are shown: shares of groups whose passages come with their headings, or joined with a neighbour."""

    headings: float = 0.4
    joined: float = 0.0


class GroupData:
    """Groups with their passages. A step's groups are a function of seed and number alone, so a run can resume."""

    def __init__(self, folder: Path, encoder: PairEncoder, written_repeats: int, shown: Shown, seed: int) -> None:
        self.encoder, self._shown, self._seed = encoder, shown, seed
        self._passages = {
            value["id"]: Passage(value["heading"], value["text"], value["page"])
            for value in read_jsonl(folder / "passages.jsonl")
        }
        self._pages: dict[str, list[str]] = defaultdict(list)
        for name, passage in self._passages.items():
            self._pages[passage.page].append(name)
        groups = list(read_jsonl(folder / "groups.jsonl"))
        self._groups = groups + [group for group in groups if group["kind"] == "written"] * (written_repeats - 1)
        self._orders: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    @property
    def has_logits(self) -> bool:
        return all("logits" in group for group in self._groups)

    def groups(self, number: int, count: int, size: int) -> list[list[Pair]]:
        """`count` groups of `size` pairs, each group's right one first."""
        return [self._drawn(at, size)[0] for at in range(number * count, (number + 1) * count)]

    def scored_groups(self, number: int, count: int, size: int) -> list[tuple[list[Pair], list[float]]]:
        """The same with the logits that `distil.py score` wrote."""
        return [self._drawn(at, size) for at in range(number * count, (number + 1) * count)]

    def _drawn(self, at: int, size: int) -> tuple[list[Pair], list[float]]:
        epoch, place = divmod(at, len(self._groups))
        if epoch not in self._orders:
            order = list(range(len(self._groups)))
            random.Random(f"{self._seed}/{epoch}").shuffle(order)
            self._orders = {epoch: order}
        group = self._groups[self._orders[epoch][place]]
        rng = random.Random(f"{self._seed}/{at}")
        places = range(len(group["negatives"]))
        chosen = rng.sample(places, min(size - 1, len(places)))
        chosen += [rng.choice(places) for _ in range(size - 1 - len(chosen))]
        # Search results often show a title; where the question is the title, showing it would give the answer away.
        with_heading = group["kind"] not in ("heading", "keywords") and rng.random() < self._shown.headings
        joined = rng.random() < self._shown.joined
        passages = [group["positive"], *(group["negatives"][place] for place in chosen)]
        documents = [
            self._joined(name, group["positive"], with_heading, rng) if joined else self._document(name, with_heading)
            for name in passages
        ]
        pairs = [self.encoder.pair(group["query"], document) for document in documents]
        logits = group.get("logits", [])
        return pairs, [logits[0], *(logits[1 + place] for place in chosen)] if logits else []

    def _joined(self, name: str, right: str, with_heading: bool, rng: random.Random) -> np.ndarray:
        """A passage before or after another of its page: sites cut their text into longer pieces than ours."""
        others = [other for other in self._pages[self._passages[name].page] if other not in (name, right)]
        document = self._document(name, with_heading)
        if not others:
            return document
        pieces = [document, self._document(rng.choice(others), with_heading)]
        rng.shuffle(pieces)
        return np.concatenate(pieces)

    def _document(self, name: str, with_heading: bool) -> np.ndarray:
        passage = self._passages[name]
        text = self.encoder.tokens(passage.text)
        if not with_heading or passage.heading == "":
            return text
        return np.concatenate([self.encoder.tokens(passage.heading), text])
