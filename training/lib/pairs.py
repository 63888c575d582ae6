"""Groups of pairs as the model reads them, padded little: pairs of one step are sorted by length and cut into parts."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from lib.encoder import EncoderConfig
from lib.rows import read_jsonl

CLS, PAD, SEP = 0, 1, 2


@dataclass
class Pair:
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

    def __init__(self, tokenizer: Tokenizer, config: EncoderConfig) -> None:
        self._tokenizer, self._config = tokenizer, config
        self._known: dict[str, np.ndarray] = {}

    def tokens(self, text: str, remember: bool = True) -> np.ndarray:
        found = self._known.get(text)
        if found is None:
            found = np.array(self._tokenizer.encode(text, add_special_tokens=False).ids, dtype=np.int32)
            if remember:
                self._known[text] = found
        return found

    def pair(self, query: str, document: np.ndarray) -> Pair:
        config = self._config
        asked = self.tokens(query, remember=False)[: config.max_query_length]
        document = document[: config.max_length - len(asked) - 3]
        ids = np.concatenate([[CLS], asked, [SEP], document, [SEP]])
        types = np.zeros(len(ids), dtype=np.int64)
        types[1 : 1 + len(asked)] = 1
        types[2 + len(asked) : -1] = 3
        if config.match_marks:
            types[1 : 1 + len(asked)] += np.isin(asked, document)
            types[2 + len(asked) : -1] += np.isin(document, asked)
        return Pair(ids, types)


def parts(pairs: Sequence[Pair], most_tokens: int, device: torch.device | str = "cpu") -> Iterator[Part]:
    """The pairs in parts of at most `most_tokens` tokens with padding, at least one pair each."""
    order = sorted(range(len(pairs)), key=lambda at: len(pairs[at].ids))
    begin = 0
    while begin < len(order):
        end = begin + 1
        while end < len(order) and len(pairs[order[end]].ids) * (end + 1 - begin) <= most_tokens:
            end += 1
        places = order[begin:end]
        length = len(pairs[places[-1]].ids)
        ids = np.full((len(places), length), PAD, dtype=np.int64)
        types = np.zeros_like(ids)
        for row, at in enumerate(places):
            ids[row, : len(pairs[at].ids)] = pairs[at].ids
            types[row, : len(pairs[at].ids)] = pairs[at].types
        tensor = torch.from_numpy(ids).to(device)
        yield Part(tensor, torch.from_numpy(types).to(device), tensor != PAD, torch.tensor(places, device=device))
        begin = end


@dataclass
class Passage:
    heading: str
    text: str


class GroupData:
    """Groups with their passages. A step's groups are a function of seed and number alone, so a run can resume."""

    def __init__(self, folder: Path, encoder: PairEncoder, written_repeats: int, seed: int) -> None:
        self._encoder, self._seed = encoder, seed
        self._passages = {
            value["id"]: Passage(value["heading"], value["text"]) for value in read_jsonl(folder / "passages.jsonl")
        }
        groups = list(read_jsonl(folder / "groups.jsonl"))
        self._groups = groups + [group for group in groups if group["kind"] == "written"] * (written_repeats - 1)
        self._orders: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._groups)

    def step(self, number: int, groups: int, size: int) -> list[Pair]:
        """`groups` × `size` pairs, each group's right one first."""
        return [pair for at in range(number * groups, (number + 1) * groups) for pair in self._group(at, size)]

    def _group(self, at: int, size: int) -> list[Pair]:
        epoch, place = divmod(at, len(self._groups))
        if epoch not in self._orders:
            order = list(range(len(self._groups)))
            random.Random(f"{self._seed}/{epoch}").shuffle(order)
            self._orders = {epoch: order}
        group = self._groups[self._orders[epoch][place]]
        rng = random.Random(f"{self._seed}/{at}")
        negatives = group["negatives"]
        chosen = rng.sample(negatives, min(size - 1, len(negatives)))
        chosen += [rng.choice(negatives) for _ in range(size - 1 - len(chosen))]
        # A page's results often show a title; where the question is the title, showing it would give the answer away.
        with_heading = group["kind"] in ("written", "sentence", "sentence-keywords") and rng.random() < 0.4
        return [
            self._encoder.pair(group["query"], self._document(passage, with_heading))
            for passage in (group["positive"], *chosen)
        ]

    def _document(self, passage: str, with_heading: bool) -> np.ndarray:
        known = self._passages[passage]
        text = self._encoder.tokens(known.text)
        if not with_heading or known.heading == "":
            return text
        return np.concatenate([self._encoder.tokens(known.heading), text])
