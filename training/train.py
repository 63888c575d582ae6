"""Trains a cross-encoder: `python training/train.py --help`.

Each step scores groups of one right passage and several wrong ones; the loss is the cross-entropy of the softmax over
each group's logits. Every --save-minutes the whole state is written to --out, and a run that is started again with
the same --out goes on from there. Under `torchrun` each process takes its share of a step's groups.
"""

import argparse
import math
import os
import time
from contextlib import nullcontext
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
    if world > 1:
        distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if torch.cuda.is_available() else "cpu"
    if options.groups % world != 0:
        raise SystemExit(f"--groups {options.groups} cannot be shared among {world} processes.")
    options.out.mkdir(parents=True, exist_ok=True)
    log = Log(options.out / "train.log", writes=rank == 0)
    torch.manual_seed(options.seed + rank)

    tokenizer_file = (options.start or options.tokenizer) / "tokenizer.json"
    if options.start is not None:
        model = MiniEncoder.load(options.start, options.max_length, options.dropout)
    else:
        model = MiniEncoder(EncoderConfig(max_length=options.max_length, max_position_embeddings=options.max_length))
    model.to(device).train()
    optimizer = torch.optim.AdamW(parameter_groups(model, options.weight_decay), lr=options.lr, betas=(0.9, 0.98))
    state_file = options.out / "state.pt"
    begin = 0
    if state_file.exists():
        state = torch.load(state_file, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        begin = state["step"]
        log(f"goes on after step {begin}")
    encoder = PairEncoder(Tokenizer.from_file(str(tokenizer_file)), model.config)
    data = GroupData(options.data, encoder, options.written_repeats, options.seed)
    if rank == 0:
        copyfile(tokenizer_file, options.out / "tokenizer.json")
    log(f"{len(data):,} groups, {sum(p.numel() for p in model.parameters()):,} parameters, {vars(options)}")

    def save(step: int) -> None:
        if rank > 0:
            return
        partial = state_file.with_suffix(".partial")
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, partial)
        partial.rename(state_file)
        model.save(options.out)

    started = saved = time.monotonic()
    losses, hits, tokens = [], [], 0
    share = options.groups // world
    autocast = torch.autocast(device.split(":")[0], torch.bfloat16) if options.bf16 else nullcontext()
    for step in range(begin, options.steps):
        set_rate(optimizer, options.lr * schedule(step, options.steps, options.warmup))
        pairs = data.step(step * world + rank, share, options.group_size)
        logits = torch.zeros(len(pairs), device=device)
        with autocast:
            for part in parts(pairs, options.part_tokens, device):
                logits = logits.index_put((part.places,), model(part.ids, part.types, part.mask).float())
        logits = logits.view(share, options.group_size)
        loss = functional.cross_entropy(logits, torch.zeros(share, dtype=torch.long, device=device))
        loss.backward()
        if world > 1:
            for parameter in model.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(
                        parameter.grad, distributed.ReduceOp.AVG if device != "cpu" else distributed.ReduceOp.SUM
                    )
                    if device == "cpu":
                        parameter.grad /= world
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        hits.append((logits.argmax(1) == 0).float().mean().item())
        tokens += sum(len(pair.ids) for pair in pairs)
        now = time.monotonic()
        if (step + 1) % options.log_every == 0:
            speed = tokens * world / (now - started)
            left = (options.steps - step - 1) * (now - started) / (step + 1 - begin)
            log(
                f"step {step + 1} of {options.steps}: loss {mean(losses):.4f}, right first {mean(hits):.3f}, "
                f"{speed:,.0f} tokens/s, {duration(left)} left"
            )
            losses, hits = [], []
        if now - saved > 60 * options.save_minutes:
            save(step + 1)
            saved = now
        if options.minutes is not None and now - started > 60 * options.minutes:
            log(f"stops after {options.minutes} minutes at step {step + 1}; start it again to go on")
            save(step + 1)
            return
    save(options.steps)
    log(f"done in {duration(time.monotonic() - started)}")


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
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--written-repeats", type=int, default=3, help="times a written question comes in an epoch")
    parser.add_argument("--part-tokens", type=int, default=4096, help="tokens scored at once")
    parser.add_argument("--bf16", action=argparse.BooleanOptionalAction, default=True)
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


def schedule(step: int, steps: int, warmup: int) -> float:
    """Share of the highest rate: up in a line, then down along a half cosine to a twentieth."""
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return 0.05 + 0.95 * (1 + math.cos(math.pi * min(1.0, done))) / 2


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def mean(numbers: list[float]) -> float:
    return sum(numbers) / max(1, len(numbers))


if __name__ == "__main__":
    main()
