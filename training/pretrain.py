"""Masked language modelling on the passages: `python training/pretrain.py --help`.

The text is read as it will be later, a heading in the place of the query: `<s> heading </s> passage </s>` with match
marks. 15 % of the tokens are to be guessed, by BERT's rule: of ten, eight are masked, one is replaced, one stays. Text of
development pages is left out. Writes a checkpoint that `train.py --start` reads; the classifier in it is untrained.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from lib.encoder import MiniEncoder
from lib.loop import Loop, add_loop_options
from lib.pairs import Pair, PairEncoder, parts
from lib.rows import read_jsonl
from train import add_model_options, what_is_trained

GUESSED = 0.15
IGNORED = -100
# The mask is a token that text doesn't hold.
UNKNOWN, SPECIAL = 3, 4


def main() -> None:
    options = parse_options()
    trained = what_is_trained(options)
    loop = Loop(options, lambda: Guesser(trained.new_model()))
    task = MaskingTask(options, trained.encoder)
    loop.run(task, task.count, lambda out: trained.save(loop.model.encoder, out))


class Guesser(nn.Module):
    """The encoder with a head that names the token in each place; its last matrix is that of the embeddings."""

    def __init__(self, encoder: nn.Module) -> None:
        super().__init__()
        if not isinstance(encoder, MiniEncoder):
            raise SystemExit("Pre-training is for the embedded model: give --start or --tokenizer.")
        width = encoder.config.hidden_size
        self.encoder = encoder
        self.change = nn.Sequential(nn.Linear(width, width), nn.GELU(), nn.LayerNorm(width))
        self.bias = nn.Parameter(torch.zeros(encoder.config.vocab_size))

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """Logits [guesses, vocabulary] for the tokens where `places` [batch, tokens] is True."""
        hidden = self.encoder.hidden(ids, types, mask)[places]
        words = self.encoder.roberta["embeddings"].word_embeddings.weight
        return functional.linear(self.change(hidden), words, self.bias)


class MaskingTask:
    """Passages with their headings, some tokens hidden. Another draw of tokens in each epoch."""

    def __init__(self, options: argparse.Namespace, encoder: PairEncoder) -> None:
        self._encoder, self._options = encoder, options
        kept_for_dev = {group["positive"] for group in read_jsonl(options.data / "dev.jsonl")}
        values = list(read_jsonl(options.data / "passages.jsonl"))
        dev_pages = {value["page"] for value in values if value["id"] in kept_for_dev}
        self._texts = [(value["heading"], value["text"]) for value in values if value["page"] not in dev_pages]
        self.count = len(self._texts)
        self._order: tuple[int, np.ndarray] | None = None

    def items(self, number: int, count: int) -> list[tuple[Pair, np.ndarray]]:
        """`count` pairs with hidden tokens, and what these were ([tokens], IGNORED elsewhere)."""
        chosen = []
        for at in range(number * count, (number + 1) * count):
            epoch, place = divmod(at, self.count)
            heading, text = self._texts[self._shuffled(epoch)[place]]
            pair = self._encoder.pair(heading, self._encoder.tokens(text, remember=False))
            chosen.append(self._hide(pair, np.random.default_rng((self._options.seed, epoch, place))))
        return chosen

    def _shuffled(self, epoch: int) -> np.ndarray:
        if self._order is None or self._order[0] != epoch:
            self._order = epoch, np.random.default_rng((self._options.seed, epoch)).permutation(self.count)
        return self._order[1]

    def _hide(self, pair: Pair, rng: np.random.Generator) -> tuple[Pair, np.ndarray]:
        guessed = (rng.random(len(pair.ids)) < GUESSED) & (pair.types > 0)
        if not guessed.any():
            guessed[1] = True
        labels = np.where(guessed, pair.ids, IGNORED)
        way = rng.random(len(pair.ids))
        ids = np.where(guessed & (way < 0.8), UNKNOWN, pair.ids)
        others = rng.integers(SPECIAL, self._encoder.size, len(ids))
        return Pair(np.where(guessed & (way >= 0.9), others, ids), pair.types), labels

    def loss(self, model: nn.Module, items: list, device: str) -> tuple[Tensor, dict[str, float], int]:
        pairs = [pair for pair, _ in items]
        guesses = sum(int((labels != IGNORED).sum()) for _, labels in items)
        losses, right = [], 0
        for part in parts(pairs, self._options.part_tokens, self._encoder.format.pad, device):
            labels = torch.full_like(part.ids, IGNORED)
            for row, place in enumerate(part.places.tolist()):
                labels[row, : len(items[place][1])] = torch.from_numpy(items[place][1])
            places = labels != IGNORED
            logits = model(part.ids, part.types, part.mask, places).float()
            losses.append(functional.cross_entropy(logits, labels[places], reduction="sum"))
            right += int((logits.argmax(1) == labels[places]).sum())
        return torch.stack(losses).sum() / guesses, {"guessed": right / guesses}, sum(len(pair.ids) for pair in pairs)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--max-length", type=int, default=256, help="tokens of a heading and its passage")
    parser.add_argument("--part-tokens", type=int, default=2048, help="tokens that go through the model together")
    add_model_options(parser)
    add_loop_options(parser)
    return parser.parse_args()


if __name__ == "__main__":
    main()
