"""The two kinds of model that are trained here, with how each reads a pair: the embedded one, and one of the hub."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from lib.encoder import EncoderConfig, MiniEncoder
from lib.pairs import PairEncoder, PairFormat


@dataclass
class Trained:
    """How to make the model, how it reads pairs, and how to write its checkpoint."""

    new_model: Callable[[], nn.Module]
    encoder: PairEncoder
    save: Callable[[nn.Module, Path], None]


def embedded(folder: Path | None, tokenizer: Path, config: EncoderConfig, dropout: float) -> Trained:
    """The embedded model, from a checkpoint folder or, where there is none, from random weights of `config`'s shape."""
    tokenizer_file = tokenizer / "tokenizer.json"

    def save(model: nn.Module, out: Path) -> None:
        assert isinstance(model, MiniEncoder)
        model.save(out)
        copyfile(tokenizer_file, out / "tokenizer.json")

    def new_model() -> MiniEncoder:
        return MiniEncoder(config, dropout) if folder is None else MiniEncoder.load(folder, config.max_length, dropout)

    read = config if folder is None else EncoderConfig.read(folder)
    limits = PairFormat(
        max_length=config.max_length, max_query_length=read.max_query_length, match_marks=read.match_marks
    )
    return Trained(new_model, PairEncoder(Tokenizer.from_file(str(tokenizer_file)), limits), save)


def from_hub(base: str, max_length: int) -> Trained:
    """A sequence classifier with one logit (XLM-RoBERTa or BERT): hub name or folder. Downloads what it lacks."""
    from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(base)
    two_types = AutoConfig.from_pretrained(base).type_vocab_size > 1
    limits = PairFormat(
        cls=tokenizer.cls_token_id,
        sep=tokenizer.sep_token_id,
        pad=tokenizer.pad_token_id,
        middle_separators=tokenizer.num_special_tokens_to_add(pair=True) - 2,
        max_length=max_length,
        # What FlagEmbedding keeps of a query.
        max_query_length=max_length * 3 // 4,
        match_marks=None,
    )

    class Classifier(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = AutoModelForSequenceClassification.from_pretrained(base, num_labels=1, dtype=torch.float32)

        def forward(self, ids: Tensor, types: Tensor, mask: Tensor) -> Tensor:
            segments = {"token_type_ids": (types > 0).long()} if two_types else {}
            return self.inner(input_ids=ids, attention_mask=mask.long(), **segments).logits[:, 0]

    def save(model: nn.Module, out: Path) -> None:
        assert isinstance(model, Classifier)
        model.inner.save_pretrained(out)
        tokenizer.save_pretrained(out)

    return Trained(Classifier, PairEncoder(tokenizer.backend_tokenizer, limits), save)
