"""Trains a cross-encoder on groups: `python training/train.py --help`.

Each step scores groups of one right passage and several wrong ones; the loss is the cross-entropy of the softmax over
each group's logits. Every --save-minutes the whole state is written to --out, and a run that is started again with
the same --out goes on from there. Under `torchrun` each process takes its share of a step's groups.

--recipe ko-reranker is the fine-tuning of BAAI/bge-reranker-large that ko-reranker came from: rate 5e-6 that falls in
a line, 3 epochs, groups of 3, 1 × 32 groups a step and device, 512 tokens, fp16.
"""

import argparse
import os
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib.encoder import EncoderConfig
from lib.loop import Loop, add_loop_options
from lib.models import Trained, embedded, from_hub
from lib.pairs import GroupData, Pair, Shown, parts

RECIPES = {
    "ko-reranker": {
        "base": "BAAI/bge-reranker-large",
        "lr": 5e-6,
        "epochs": 3.0,
        "group_size": 3,
        "batch": 32 * int(os.environ.get("WORLD_SIZE", "1")),
        "at_once": 1,
        "max_length": 512,
        "weight_decay": 0.01,
        "warmup": 0,
        "decay": 1.0,
        "precision": "fp16",
        "written_repeats": 1,
        "headings": 0.0,
        "joined": 0.0,
    }
}


def main() -> None:
    options = parse_options()
    trained = what_is_trained(options)
    loop = Loop(options, trained.new_model)
    data = GroupData(options.data, trained.encoder, options.written_repeats, shown(options), options.seed)
    task = RankingTask(data, options.group_size, options.part_tokens)
    loop.run(task, len(data), lambda out: trained.save(loop.model, out))


class RankingTask:
    """Groups of pairs; the right one is to get the highest logit."""

    def __init__(self, data: GroupData, size: int, part_tokens: int) -> None:
        self._data, self._size, self._part_tokens = data, size, part_tokens

    def items(self, number: int, count: int) -> list[list[Pair]]:
        return self._data.groups(number, count, self._size)

    def loss(self, model: nn.Module, items: list[list[Pair]], device: str) -> tuple[Tensor, dict[str, float], int]:
        logits = score_groups(model, items, self._data.encoder.format.pad, self._part_tokens, device)
        loss = functional.cross_entropy(logits, torch.zeros(len(items), dtype=torch.long, device=device))
        tokens = sum(len(pair.ids) for group in items for pair in group)
        return loss, {"right first": (logits.argmax(1) == 0).float().mean().item()}, tokens


def score_groups(model: nn.Module, items: list[list[Pair]], pad: int, part_tokens: int, device: str) -> Tensor:
    """[groups, pairs of a group] of logits, fp32."""
    pairs = [pair for group in items for pair in group]
    logits = torch.zeros(len(pairs), device=device)
    for part in parts(pairs, part_tokens, pad, device):
        logits = logits.index_put((part.places,), model(part.ids, part.types, part.mask).float())
    return logits.view(len(items), -1)


def what_is_trained(options: argparse.Namespace) -> Trained:
    if options.base is not None:
        return from_hub(options.base, options.max_length)
    if options.start is None and options.tokenizer is None:
        raise SystemExit("Give --start, --tokenizer or --base: there is no model to train.")
    shape = EncoderConfig(
        hidden_size=options.width,
        num_hidden_layers=options.layers,
        num_attention_heads=options.width // 64,
        intermediate_size=4 * options.width,
        max_position_embeddings=options.max_length,
        max_length=options.max_length,
        match_marks=options.match_marks,
    )
    return embedded(options.start, options.start or options.tokenizer, shape, options.dropout)


def parse_options(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--recipe", choices=RECIPES, help="its options are defaults; others given here come first")
    add_model_options(parser)
    add_group_options(parser)
    add_loop_options(parser)
    recipe = parser.parse_known_args(arguments)[0].recipe
    if recipe is not None:
        parser.set_defaults(**RECIPES[recipe])
    options = parser.parse_args(arguments)
    if options.start is not None or options.tokenizer is not None:
        options.base = None
    return options


def add_model_options(parser: argparse.ArgumentParser) -> None:
    model = parser.add_argument_group("the model: --start, --tokenizer or --base")
    model.add_argument("--start", type=Path, help="checkpoint folder of the embedded model to start from")
    model.add_argument("--tokenizer", type=Path, help="folder with tokenizer.json: random weights of the shape below")
    model.add_argument("--base", help="hub name or folder of a sequence classifier with one logit")
    model.add_argument("--layers", type=int, default=4)
    model.add_argument("--width", type=int, default=256, help="a multiple of 64, the width of a head")
    model.add_argument("--match-marks", action=argparse.BooleanOptionalAction, default=True)


def shown(options: argparse.Namespace) -> Shown:
    return Shown(options.headings, options.joined)


def add_group_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--group-size", type=int, default=5, help="pairs: one right, the others wrong")
    parser.add_argument("--max-length", type=int, default=384, help="tokens of a pair")
    parser.add_argument("--written-repeats", type=int, default=3, help="times a written question comes in an epoch")
    parser.add_argument("--headings", type=float, default=0.4, help="share of groups that show passages' headings")
    parser.add_argument("--joined", type=float, default=0.2, help="share that joins passages with others of their page")
    parser.add_argument("--part-tokens", type=int, default=2048, help="tokens that go through the model together")


if __name__ == "__main__":
    main()
