"""Trains a cross-encoder: `python training/train.py --help`.

Each step scores groups of one right passage and several wrong ones; the loss is the cross-entropy of the softmax over
each group's logits. Every --save-minutes the whole state is written to --out, and a run that is started again with
the same --out goes on from there. Under `torchrun` each process takes its share of a step's groups.
"""

import argparse
import os
import time
from pathlib import Path
from shutil import copyfile

import torch
from tokenizers import Tokenizer
from torch import distributed
from torch.nn import functional

from lib.encoder import EncoderConfig, MiniEncoder
from lib.pairs import GroupData, PairEncoder, parts
from lib.progress import Log, duration


def main() -> None:
    options = parse_options()
    rank, world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    if options.groups % world != 0:
        raise SystemExit(f"--groups {options.groups} cannot be shared among {world} processes.")
    if world > 1:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    run = Run(options, rank, world)
    run.resume()
    run.train()


class Run:
    """One process of a training run."""

    def __init__(self, options: argparse.Namespace, rank: int, world: int) -> None:
        self._options, self._rank, self._world = options, rank, world
        self._device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
        if self._device != "cpu":
            torch.cuda.set_device(self._device)
        options.out.mkdir(parents=True, exist_ok=True)
        self._log = Log(options.out / "train.log", writes=rank == 0)
        self._state_file = options.out / "state.pt"
        self._begin = 0
        # Every process begins with the same weights, and drops out other parts of them.
        torch.manual_seed(options.seed)
        self._model = new_model(options).to(self._device).train()
        torch.manual_seed(options.seed + rank)
        self._optimizer = torch.optim.AdamW(
            parameter_groups(self._model, options.weight_decay), lr=options.lr, betas=(0.9, 0.98), fused=True
        )
        tokenizer_file = (options.start or options.tokenizer) / "tokenizer.json"
        encoder = PairEncoder(Tokenizer.from_file(str(tokenizer_file)), self._model.config)
        self._data = GroupData(options.data, encoder, options.written_repeats, options.seed)
        if rank == 0:
            copyfile(tokenizer_file, options.out / "tokenizer.json")
        parameters = sum(parameter.numel() for parameter in self._model.parameters())
        self._log(f"{len(self._data):,} groups, {parameters:,} parameters, {vars(options)}")

    def resume(self) -> None:
        if not self._state_file.exists():
            return
        state = torch.load(self._state_file, map_location=self._device, weights_only=True)
        self._model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._begin = state["step"]
        self._log(f"goes on after step {self._begin}")

    def train(self) -> None:
        options = self._options
        started = saved = time.monotonic()
        losses, hits, tokens = [], [], 0
        for step in range(self._begin, options.steps):
            loss, hit, seen = self._step(step)
            losses.append(loss)
            hits.append(hit)
            tokens += seen
            now = time.monotonic()
            if (step + 1) % options.log_every == 0:
                left = (options.steps - step - 1) * (now - started) / (step + 1 - self._begin)
                self._log(
                    f"step {step + 1} of {options.steps}: loss {mean(losses):.4f}, right first {mean(hits):.3f}, "
                    f"{tokens * self._world / (now - started):,.0f} tokens/s, {duration(left)} left"
                )
                losses, hits = [], []
            if now - saved > 60 * options.save_minutes:
                self._save(step + 1)
                saved = now
            if options.minutes is not None and now - started > 60 * options.minutes:
                self._save(step + 1)
                self._log(f"stops after {options.minutes} minutes at step {step + 1}; start it again to go on")
                return
        self._save(max(self._begin, options.steps))
        self._log(f"done in {duration(time.monotonic() - started)}")

    def _step(self, step: int) -> tuple[float, float, int]:
        """Loss, share of groups whose right passage came first, and tokens of one step of this process."""
        options, device = self._options, self._device
        set_rate(self._optimizer, options.lr * schedule(step, options))
        share = options.groups // self._world
        pairs = self._data.step(step * self._world + self._rank, share, options.group_size)
        logits = torch.zeros(len(pairs), device=device)
        with torch.autocast(device.split(":")[0], torch.bfloat16, enabled=options.bf16):
            for part in parts(pairs, options.part_tokens, device):
                logits = logits.index_put((part.places,), self._model(part.ids, part.types, part.mask).float())
        logits = logits.view(share, options.group_size)
        loss = functional.cross_entropy(logits, torch.zeros(share, dtype=torch.long, device=device))
        loss.backward()
        self._share_gradients()
        torch.nn.utils.clip_grad_norm_(self._model.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        hit = (logits.argmax(1) == 0).float().mean().item()
        return loss.item(), hit, sum(len(pair.ids) for pair in pairs)

    def _share_gradients(self) -> None:
        if self._world == 1:
            return
        for parameter in self._model.parameters():
            if parameter.grad is not None:
                # gloo knows no mean.
                distributed.all_reduce(parameter.grad, distributed.ReduceOp.SUM)
                parameter.grad /= self._world

    def _save(self, step: int) -> None:
        if self._rank > 0:
            return
        partial = self._state_file.with_suffix(".partial")
        state = {"model": self._model.state_dict(), "optimizer": self._optimizer.state_dict(), "step": step}
        torch.save(state, partial)
        partial.rename(self._state_file)
        self._model.save(self._options.out)


def new_model(options: argparse.Namespace) -> MiniEncoder:
    if options.start is not None:
        return MiniEncoder.load(options.start, options.max_length, options.dropout)
    config = EncoderConfig(max_length=options.max_length, max_position_embeddings=options.max_length)
    return MiniEncoder(config, options.dropout)


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that prepare.py wrote")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="checkpoint folder to start from")
    parser.add_argument("--tokenizer", type=Path, help="folder with tokenizer.json, where there is no --start")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--minutes", type=float, help="stop after so long; the next start goes on")
    parser.add_argument("--groups", type=int, default=32, help="groups a step (default: %(default)s)")
    parser.add_argument("--group-size", type=int, default=5)
    parser.add_argument("--max-length", type=int, default=384)
    parser.add_argument("--lr", type=float, default=3e-4)
    parser.add_argument("--warmup", type=int, default=200, help="steps")
    parser.add_argument("--decay", type=float, default=1.0, help="share of the steps over which the rate falls to 0")
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--written-repeats", type=int, default=3, help="times a written question comes in an epoch")
    parser.add_argument("--part-tokens", type=int, default=2048, help="tokens scored at once")
    parser.add_argument(
        "--bf16",
        action=argparse.BooleanOptionalAction,
        default=torch.cuda.is_available(),
        help="autocast; worth it on a GPU and on CPUs with AVX-512 (default: where there is a GPU)",
    )
    parser.add_argument("--save-minutes", type=float, default=5)
    parser.add_argument("--log-every", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if options.start is None and options.tokenizer is None:
        parser.error("give --start or --tokenizer")
    return options


def parameter_groups(model: torch.nn.Module, weight_decay: float) -> list[dict]:
    """Matrices decay; biases and norms don't."""
    decayed = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return [{"params": decayed, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def schedule(step: int, options: argparse.Namespace) -> float:
    """Share of the highest rate: up in a line over the warm-up, level, then down in a line over the last --decay."""
    rise = (step + 1) / options.warmup if step < options.warmup else 1.0
    falling = options.decay * options.steps
    return min(rise, (options.steps - step) / falling if falling > 0 else 1.0)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def mean(numbers: list[float]) -> float:
    return sum(numbers) / max(1, len(numbers))


if __name__ == "__main__":
    main()
