"""Trains a small cross-encoder to rank as a larger one does: `python training/distil.py --help`.

In two steps, for a teacher is slow and its logits serve many runs:
  python distil.py score --data DATA --teacher NAME_OR_FOLDER --out SCORED   once; goes on where it was
  python distil.py train --data SCORED --start CHECKPOINT --steps N --out RUN
The loss is the divergence of the group's softmax from the teacher's, and --right-weight times the cross-entropy with the
right passage, for a teacher errs too.
"""

import argparse
import json
import sys
from pathlib import Path
from shutil import copyfile

import torch
from torch import Tensor, nn
from torch.nn import functional

from lib.loop import Loop, add_loop_options
from lib.models import from_hub
from lib.pairs import GroupData, Pair, parts
from lib.progress import Progress
from lib.rows import read_jsonl
from train import add_group_options, add_model_options, score_groups, shown, what_is_trained


def main() -> None:
    options = parse_options()
    if options.command == "score":
        score(options)
    else:
        train(options)


def score(options: argparse.Namespace) -> None:
    """Copies the folder with `logits` in each group: the right passage's, then the negatives'."""
    options.out.mkdir(parents=True, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    trained = from_hub(options.teacher, options.max_length)
    teacher, encoder = trained.new_model().to(device).eval(), trained.encoder
    texts = {value["id"]: value["text"] for value in read_jsonl(options.data / "passages.jsonl")}
    copyfile(options.data / "passages.jsonl", options.out / "passages.jsonl")
    copyfile(options.data / "dev.jsonl", options.out / "dev.jsonl")
    groups = list(read_jsonl(options.data / "groups.jsonl"))
    partial = options.out / "groups.jsonl.partial"
    done = whole_lines(partial)
    progress = Progress("groups", len(groups) - done)
    with open(partial, "a", encoding="utf-8") as out, torch.inference_mode():
        for group in groups[done:]:
            named = [group["positive"], *group["negatives"]]
            pairs = [encoder.pair(group["query"], encoder.tokens(texts[name])) for name in named]
            logits = torch.zeros(len(pairs), device=device)
            for part in parts(pairs, options.part_tokens, encoder.format.pad, device):
                logits[part.places] = teacher(part.ids, part.types, part.mask).float()
            group["logits"] = [round(logit, 4) for logit in logits.tolist()]
            out.write(json.dumps(group, ensure_ascii=False) + "\n")
            progress.step()
    partial.rename(options.out / "groups.jsonl")
    progress.end()


def whole_lines(path: Path) -> int:
    """How many lines of a file were written to their end; what follows them is cut off."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    end = content.rfind(b"\n") + 1
    with open(path, "r+b") as file:
        file.truncate(end)
    return content[:end].count(b"\n")


class DistilTask:
    """Groups of pairs with a teacher's logits."""

    def __init__(self, data: GroupData, options: argparse.Namespace) -> None:
        self._data, self._options = data, options

    def items(self, number: int, count: int) -> list[tuple[list[Pair], list[float]]]:
        return self._data.scored_groups(number, count, self._options.group_size)

    def loss(self, model: nn.Module, items: list, device: str) -> tuple[Tensor, dict[str, float], int]:
        options = self._options
        pairs = [group for group, _ in items]
        logits = score_groups(model, pairs, self._data.encoder.format.pad, options.part_tokens, device)
        teacher = torch.tensor([scores for _, scores in items], device=device) / options.temperature
        follows = functional.kl_div(
            logits.log_softmax(1), teacher.log_softmax(1), log_target=True, reduction="batchmean"
        )
        right = functional.cross_entropy(logits, torch.zeros(len(items), dtype=torch.long, device=device))
        agrees = (logits.argmax(1) == teacher.argmax(1)).float().mean().item()
        tokens = sum(len(pair.ids) for group in pairs for pair in group)
        return follows + options.right_weight * right, {"agrees": agrees, "divergence": follows.item()}, tokens


def train(options: argparse.Namespace) -> None:
    trained = what_is_trained(options)
    loop = Loop(options, trained.new_model)
    data = GroupData(options.data, trained.encoder, options.written_repeats, shown(options), options.seed)
    if not data.has_logits:
        sys.exit(f"{options.data}/groups.jsonl has no logits. Run `distil.py score` first.")
    loop.run(DistilTask(data, options), len(data), lambda out: trained.save(loop.model, out))


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    scoring = commands.add_parser("score", help="the teacher's logits of every pair")
    scoring.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    scoring.add_argument("--teacher", required=True, help="hub name or folder, such as BAAI/bge-reranker-v2-m3")
    scoring.add_argument("--max-length", type=int, default=512)
    scoring.add_argument("--part-tokens", type=int, default=8192)
    scoring.add_argument("--out", type=Path, required=True)
    training = commands.add_parser("train", help="the small model on them")
    training.add_argument("--data", type=Path, required=True, help="folder that `score` wrote")
    training.add_argument("--temperature", type=float, default=1.0, help="the teacher's logits are divided by it")
    training.add_argument("--right-weight", type=float, default=0.3)
    add_model_options(training)
    add_group_options(training)
    add_loop_options(training)
    return parser.parse_args()


if __name__ == "__main__":
    main()
