"""The loop that every kind of training shares: processes, precision, rate, log, and going on after an end."""

import argparse
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, distributed, nn

from lib.optimizers import make_optimizers
from lib.progress import Log, duration


class Task(Protocol):
    """What a run learns. One step's items are a function of `number` alone, so that a run can go on where it was."""

    def items(self, number: int, count: int) -> list:
        """`count` items of the run's `number`-th share of a step."""

    def loss(self, model: nn.Module, items: list, device: str) -> tuple[Tensor, dict[str, float], int]:
        """Mean loss of some items, figures for the log (means over the items), and how many tokens were read."""


def add_loop_options(parser: argparse.ArgumentParser) -> None:
    options = parser.add_argument_group("the loop")
    options.add_argument("--out", type=Path, required=True, help="started again with the same folder, a run goes on")
    length = options.add_mutually_exclusive_group()
    length.add_argument("--steps", type=int)
    length.add_argument("--epochs", type=float)
    options.add_argument("--minutes", type=float, help="stop after so long; the next start goes on")
    options.add_argument("--batch", type=int, default=32, help="groups or texts a step, over all processes")
    options.add_argument("--at-once", type=int, help="of them in memory at once; without it, all of a process's")
    options.add_argument("--optimizer", choices=("adamw", "muon"), default="adamw")
    options.add_argument("--lr", type=float, default=4e-4)
    options.add_argument("--muon-lr", type=float, help="of the layers' matrices; without it, --lr")
    options.add_argument("--warmup", type=int, default=100, help="steps")
    options.add_argument("--decay", type=float, default=1.0, help="share of the steps over which the rate falls to 0")
    options.add_argument("--weight-decay", type=float, default=0.01)
    options.add_argument("--dropout", type=float, default=0.0)
    options.add_argument("--precision", choices=("fp32", "bf16", "fp16"), default=default_precision())
    options.add_argument("--save-minutes", type=float, default=5)
    options.add_argument("--log-every", type=int, default=50, help="steps")
    options.add_argument("--seed", type=int, default=1)


def default_precision() -> str:
    """bf16 pays on a GPU; on a CPU without AVX-512 it is forty times slower than fp32."""
    return "bf16" if torch.cuda.is_available() else "fp32"


class Loop:
    """One process of a run."""

    def __init__(self, options: argparse.Namespace, new_model: Callable[[], nn.Module]) -> None:
        self.rank, self.world = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if options.batch % self.world != 0:
            raise SystemExit(f"--batch {options.batch} cannot be shared among {self.world} processes.")
        self._options = options
        cuda = torch.cuda.is_available()
        self.device = f"cuda:{os.environ.get('LOCAL_RANK', '0')}" if cuda else "cpu"
        if cuda:
            torch.cuda.set_device(self.device)
        if self.world > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        options.out.mkdir(parents=True, exist_ok=True)
        self.log = Log(options.out / "train.log", writes=self.rank == 0)
        self._state_file = options.out / "state.pt"
        # Every process begins with the same weights, and drops out other parts of them.
        torch.manual_seed(options.seed)
        self.model = new_model().to(self.device).train()
        torch.manual_seed(options.seed + self.rank)
        self._optimizers = make_optimizers(
            self.model, options.optimizer, options.lr, options.weight_decay, options.muon_lr
        )
        self._highest_rates = [optimizer.param_groups[0]["lr"] for optimizer in self._optimizers]
        kind = self.device.split(":")[0]
        self._precision = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[options.precision]
        self._scaler = torch.amp.GradScaler(kind, enabled=options.precision == "fp16")
        self._begin = 0
        parameters = sum(parameter.numel() for parameter in self.model.parameters())
        self.log(f"{parameters:,} parameters, {self.world} × {kind}, {vars(options)}")

    def run(self, task: Task, count: int, save: Callable[[Path], None]) -> None:
        """Trains on a task of `count` items; `save(folder)` writes the checkpoint beside the loop's own state."""
        options = self._options
        if options.steps is None and options.epochs is None:
            raise SystemExit("Give --steps or --epochs: how long is the run?")
        steps = options.steps or int(options.epochs * count / options.batch)
        if steps < 1:
            raise SystemExit(f"{count:,} items make no step of {options.batch}: lower --batch or raise --epochs.")
        self._resume()
        self.log(f"{count:,} items, steps {self._begin + 1} to {steps}")
        started = saved = time.monotonic()
        sums: dict[str, float] = {}
        tokens = summed = 0
        for step in range(self._begin, steps):
            figures, seen = self._step(task, step, steps)
            sums = {name: sums.get(name, 0.0) + value for name, value in figures.items()}
            tokens, summed = tokens + seen, summed + 1
            now = time.monotonic()
            if (step + 1) % options.log_every == 0 or step + 1 == steps:
                done = step + 1 - self._begin
                means = ", ".join(f"{name} {value / summed:.4f}" for name, value in sums.items())
                left = duration((steps - step - 1) * (now - started) / done)
                speed = tokens * self.world / (now - started)
                self.log(f"step {step + 1} of {steps}: {means}, {speed:,.0f} tokens/s, {left} left")
                sums, summed = {}, 0
            out_of_time = options.minutes is not None and now - started > 60 * options.minutes
            if out_of_time or now - saved > 60 * options.save_minutes or step + 1 == steps:
                self._save(step + 1, save)
                saved = now
            if self._agreed(out_of_time):
                self.log(f"stops after {options.minutes} minutes at step {step + 1}; start it again to go on")
                return
        self.log(f"done in {duration(time.monotonic() - started)}")

    def _step(self, task: Task, step: int, steps: int) -> tuple[dict[str, float], int]:
        options = self._options
        share_of_rate = schedule(step, steps, options.warmup, options.decay)
        for optimizer, highest in zip(self._optimizers, self._highest_rates, strict=True):
            for group in optimizer.param_groups:
                group["lr"] = highest * share_of_rate
        share = options.batch // self.world
        items = task.items(step * self.world + self.rank, share)
        at_once = options.at_once or share
        figures: dict[str, float] = {}
        tokens = 0
        for begin in range(0, share, at_once):
            part = items[begin : begin + at_once]
            weight = len(part) / share
            with torch.autocast(self.device.split(":")[0], self._precision, enabled=self._precision is not None):
                loss, values, seen = task.loss(self.model, part, self.device)
            self._scaler.scale(loss * weight).backward()
            tokens += seen
            for name, value in {"loss": loss.item(), **values}.items():
                figures[name] = figures.get(name, 0.0) + value * weight
        self._share_gradients()
        for optimizer in self._optimizers:
            self._scaler.unscale_(optimizer)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self._optimizers:
            self._scaler.step(optimizer)
        self._scaler.update()
        self.model.zero_grad(set_to_none=True)
        return figures, tokens

    def _share_gradients(self) -> None:
        if self.world == 1:
            return
        for parameter in self.model.parameters():
            if parameter.grad is not None:
                # gloo knows no mean.
                distributed.all_reduce(parameter.grad, distributed.ReduceOp.SUM)
                parameter.grad /= self.world

    def _agreed(self, stop: bool) -> bool:
        """What the first process says: clocks differ, and one that stops alone leaves the others waiting."""
        if self.world == 1 or self._options.minutes is None:
            return stop
        said = torch.tensor(float(stop), device=self.device)
        distributed.broadcast(said, 0)
        return bool(said.item())

    def _resume(self) -> None:
        if not self._state_file.exists():
            return
        state = torch.load(self._state_file, map_location=self.device, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self._scaler.load_state_dict(state["scaler"])
        self._begin = state["step"]

    def _save(self, step: int, save: Callable[[Path], None]) -> None:
        if self.rank > 0:
            return
        partial = self._state_file.with_suffix(".partial")
        state = {
            "model": self.model.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "scaler": self._scaler.state_dict(),
            "step": step,
        }
        torch.save(state, partial)
        partial.rename(self._state_file)
        save(self._options.out)


def schedule(step: int, steps: int, warmup: int, decay: float) -> float:
    """Share of the highest rate: up in a line over the warm-up, level, then down in a line over the last `decay`."""
    rise = (step + 1) / warmup if step < warmup else 1.0
    falling = decay * steps
    return min(rise, (steps - step) / falling if falling > 0 else 1.0)
