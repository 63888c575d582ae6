"""What takes a training's steps: AdamW for everything, or Muon for the matrices inside the layers."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.optim import AdamW, Optimizer


def make_optimizers(
    model: nn.Module, kind: str, lr: float, weight_decay: float, muon_lr: float | None = None
) -> list[Optimizer]:
    """`adamw` or `muon`. Matrices decay; biases and norms don't. `muon_lr` is `lr` where none is given."""
    hidden = list(_hidden_matrices(model)) if kind == "muon" else []
    taken = {id(parameter) for parameter in hidden}
    others = [parameter for parameter in model.parameters() if id(parameter) not in taken]
    groups = [
        {"params": [parameter for parameter in others if parameter.ndim > 1], "weight_decay": weight_decay},
        {"params": [parameter for parameter in others if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    adam = AdamW(groups, lr=lr, betas=(0.9, 0.98), fused=True)
    return [adam, Muon(hidden, muon_lr or lr, weight_decay)] if hidden else [adam]


class Muon(Optimizer):
    """Momentum, made orthogonal (Jordan et al., 2024), with steps as large as AdamW's (Liu et al., 2025).

    `torch.optim.Muon` does the same one matrix at a time and in bf16, which CPUs without AVX-512 crawl through.
    """

    def __init__(self, matrices: Iterable[Tensor], lr: float, weight_decay: float, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        for group in self.param_groups:
            by_shape: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                if matrix.grad is not None:
                    by_shape.setdefault(matrix.shape, []).append(matrix)
            for shape, matrices in by_shape.items():
                directions = orthogonal(torch.stack([self._direction(m, group["momentum"]) for m in matrices]))
                size = group["lr"] * 0.2 * max(shape) ** 0.5
                for matrix, direction in zip(matrices, directions, strict=True):
                    matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(direction, alpha=-size)

    def _direction(self, matrix: Tensor, momentum: float) -> Tensor:
        """Nesterov's: where the averaged gradient will be."""
        average = self.state[matrix].setdefault("momentum", torch.zeros_like(matrix))
        average.lerp_(matrix.grad, 1 - momentum)
        return matrix.grad.lerp(average, momentum)


def orthogonal(matrices: Tensor) -> Tensor:
    """[n, rows, columns] with singular values pushed to about 1 (0.7 to 1.2), by five Newton-Schulz steps."""
    wide = matrices if matrices.shape[1] <= matrices.shape[2] else matrices.mT
    wide = wide / (wide.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(5):
        square = wide @ wide.mT
        wide = 3.4445 * wide + (-4.7750 * square + 2.0315 * square @ square) @ wide
    return wide if matrices.shape[1] <= matrices.shape[2] else wide.mT


def _hidden_matrices(model: nn.Module) -> Iterable[Tensor]:
    """Weights of linear layers, but for those that end in a single logit."""
    linear = (module for module in model.modules() if isinstance(module, nn.Linear))
    return (module.weight for module in linear if module.out_features > 1)
