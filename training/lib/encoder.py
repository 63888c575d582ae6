"""The embedded model: a BERT-shaped encoder with one logit, whose token types mark words that both sides hold.

Tensors are named as `transformers` names those of RoBERTa's sequence classification; `compiler/` reads them so.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

SCHEME = {
    "special_or_pad": 0,
    "query": 1,
    "query_token_also_in_document": 2,
    "document": 3,
    "document_token_also_in_query": 4,
}


@dataclass(frozen=True)
class EncoderConfig:
    hidden_size: int = 256
    num_hidden_layers: int = 4
    num_attention_heads: int = 4
    intermediate_size: int = 1024
    vocab_size: int = 16_000
    max_position_embeddings: int = 384
    type_vocab_size: int = 6
    layer_norm_eps: float = 1e-5
    max_length: int = 384
    max_query_length: int = 48
    # False: token types say only which side a token is on. For the ablation.
    match_marks: bool = True

    @classmethod
    def read(cls, folder: Path) -> "EncoderConfig":
        values = json.loads((folder / "config.json").read_text())
        return cls(**{key: values[key] for key in cls.__dataclass_fields__ if key in values})

    def write(self, folder: Path) -> None:
        fixed = {
            "architectures": ["RobertaForSequenceClassification"],
            "model_type": "sunwi-mini",
            "hidden_act": "gelu",
            "position_offset": 0,
            "num_labels": 1,
            "bos_token_id": 0,
            "pad_token_id": 1,
            "eos_token_id": 2,
            "unk_token_id": 3,
            "pair_format": "<s> query </s> document </s>",
            "token_type_scheme": SCHEME,
        }
        (folder / "config.json").write_text(json.dumps(fixed | asdict(self), indent=2) + "\n")


class _SelfAttention(nn.Module):
    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        width = config.hidden_size
        self.heads = config.num_attention_heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, asking: Tensor, hidden: Tensor, mask: Tensor) -> Tensor:
        """What the tokens of `asking` [batch, n, width] gather from those of `hidden` [batch, tokens, width].

        `mask` [batch, 1, 1, tokens] is True where a token may be looked at.
        """
        query, key, value = (
            self._heads(self.query(asking)),
            self._heads(self.key(hidden)),
            self._heads(self.value(hidden)),
        )
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        return attended.transpose(1, 2).reshape(asking.shape)

    def _heads(self, projected: Tensor) -> Tensor:
        batch, tokens, width = projected.shape
        return projected.view(batch, tokens, self.heads, width // self.heads).transpose(1, 2)


class _Joined(nn.Module):
    """A product back to the hidden width, dropout, and the norm of its sum with what came before."""

    def __init__(self, width: int, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.dense = nn.Linear(width, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, change: Tensor, before: Tensor) -> Tensor:
        return self.LayerNorm(before + self.dropout(self.dense(change)))


class _Layer(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        self.attention = nn.ModuleDict(
            {"self": _SelfAttention(config), "output": _Joined(config.hidden_size, config, dropout)}
        )
        self.intermediate = nn.ModuleDict({"dense": nn.Linear(config.hidden_size, config.intermediate_size)})
        self.output = _Joined(config.intermediate_size, config, dropout)

    def forward(self, hidden: Tensor, mask: Tensor, first_only: bool = False) -> Tensor:
        asking = hidden[:, :1] if first_only else hidden
        hidden = self.attention["output"](self.attention["self"](asking, hidden, mask), asking)
        return self.output(functional.gelu(self.intermediate["dense"](hidden)), hidden)


class _Embeddings(nn.Module):
    def __init__(self, config: EncoderConfig, dropout: float) -> None:
        super().__init__()
        width = config.hidden_size
        self.word_embeddings = nn.Embedding(config.vocab_size, width)
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, width)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, width)
        self.LayerNorm = nn.LayerNorm(width, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(dropout)

    def forward(self, ids: Tensor, types: Tensor) -> Tensor:
        positions = torch.arange(ids.shape[1], device=ids.device)
        summed = self.word_embeddings(ids) + self.position_embeddings(positions) + self.token_type_embeddings(types)
        return self.dropout(self.LayerNorm(summed))


class MiniEncoder(nn.Module):
    """ids and types [batch, tokens] (0 of `mask` is padding) → logits [batch]."""

    def __init__(self, config: EncoderConfig, dropout: float = 0.1) -> None:
        super().__init__()
        self.config = config
        self.roberta = nn.ModuleDict(
            {
                "embeddings": _Embeddings(config, dropout),
                "encoder": nn.ModuleDict(
                    {"layer": nn.ModuleList(_Layer(config, dropout) for _ in range(config.num_hidden_layers))}
                ),
            }
        )
        self.classifier = nn.ModuleDict(
            {"dense": nn.Linear(config.hidden_size, config.hidden_size), "out_proj": nn.Linear(config.hidden_size, 1)}
        )
        self.apply(_initialize)

    def hidden(self, ids: Tensor, types: Tensor, mask: Tensor, first_only: bool = False) -> Tensor:
        """[batch, tokens, width] of the last layer; with `first_only`, [batch, 1, width]: a fifth of the work less."""
        hidden = self.roberta["embeddings"](ids, types)
        layers = self.roberta["encoder"]["layer"]
        for at, layer in enumerate(layers):
            hidden = layer(hidden, mask[:, None, None, :], first_only and at == len(layers) - 1)
        return hidden

    def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
        first = self.hidden(ids, types, mask, first_only=True)[:, 0]
        return self.classifier["out_proj"](torch.tanh(self.classifier["dense"](first)))[:, 0]

    def save(self, folder: Path, dtype: torch.dtype = torch.float32) -> None:
        """Writes `model.safetensors` and `config.json`; the tokenizer is the caller's to copy."""
        folder.mkdir(parents=True, exist_ok=True)
        save_file(
            {name: value.detach().to("cpu", dtype).contiguous() for name, value in self.state_dict().items()},
            folder / "model.safetensors",
        )
        self.config.write(folder)

    @classmethod
    def load(cls, folder: Path, max_length: int | None = None, dropout: float = 0.1) -> "MiniEncoder":
        """A checkpoint's model, with room for `max_length` tokens: new positions begin as the nearest trained ones."""
        config = EncoderConfig.read(folder)
        tensors = {name: value.float() for name, value in load_file(folder / "model.safetensors").items()}
        if max_length is not None and max_length != config.max_length:
            name = "roberta.embeddings.position_embeddings.weight"
            trained = tensors[name][: config.max_length]
            tensors[name] = torch.cat([trained, trained[-1:].expand(max(0, max_length - len(trained)), -1)])[
                :max_length
            ]
            values = asdict(config) | {"max_length": max_length, "max_position_embeddings": max_length}
            config = EncoderConfig(**values)
        model = cls(config, dropout)
        model.load_state_dict(tensors)
        return model


def _initialize(module: nn.Module) -> None:
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)
