"""Token ids, token types and fp32 logits of pairs, by PyTorch: what compiler and browser are compared with.

    pip install torch tokenizers safetensors
    python compiler/reference/make_reference.py <checkpoint folder> <pairs.json> <reference.json>

Written apart from the compiler on purpose, so that one mistake is not made twice. Same input, same bytes out, up to
the last digit of a logit.
"""

import json
import math
import sys
import unicodedata
from pathlib import Path

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer


def encode(tokenizer, config, query, document):
    """Ids and token types of `<s> query </s> document </s>`; XLM-RoBERTa has two separators and no types."""
    xlm = config["model_type"] == "xlm-roberta"
    bos, eos = config["bos_token_id"], config["eos_token_id"]
    middle = [eos, eos] if xlm else [eos]
    offset = config["pad_token_id"] + 1 if xlm else config["position_offset"]
    limit = min(config.get("max_length", 10**9), config["max_position_embeddings"] - offset)
    q = tokenize(tokenizer, query)[: config.get("max_query_length", limit * 3 // 4)]
    d = tokenize(tokenizer, document)[: limit - len(q) - len(middle) - 2]
    ids = [bos, *q, *middle, *d, eos]
    if xlm:
        return ids, None, offset
    types = [0] + [2 if t in d else 1 for t in q] + [0] + [4 if t in q else 3 for t in d] + [0]
    return ids, types, offset


def tokenize(tokenizer, text):
    """Composed first: this library leaves decomposed Hangul apart and finds only <unk> in it, whereas SentencePiece,
    from which the vocabulary comes, and the browser's tokenizer compose it."""
    return tokenizer.encode(unicodedata.normalize("NFC", text), add_special_tokens=False).ids


class Model:
    """RobertaForSequenceClassification for one pair at a time."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        self.tensors = {name: tensor.float() for name, tensor in load_file(folder / "model.safetensors").items()}

    def table(self, name):
        return self.tensors[f"roberta.embeddings.{name}_embeddings.weight"]

    def linear(self, name, x):
        return x @ self.tensors[f"{name}.weight"].T + self.tensors[f"{name}.bias"]

    def norm(self, name, x):
        weight, bias = self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"]
        return torch.nn.functional.layer_norm(x, x.shape[-1:], weight, bias, self.config["layer_norm_eps"])

    def attention(self, name, x):
        heads = self.config["num_attention_heads"]
        q, k, v = (
            self.linear(f"{name}.self.{part}", x).view(len(x), heads, -1).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        shares = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[-1]), dim=-1)
        joined = (shares @ v).transpose(0, 1).reshape(len(x), -1)
        return self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", joined))

    def logit(self, ids, types, offset):
        positions = torch.arange(len(ids)) + offset
        x = self.table("word")[ids] + self.table("position")[positions]
        x = x + self.table("token_type")[types or [0] * len(ids)]
        x = self.norm("roberta.embeddings.LayerNorm", x)
        for index in range(self.config["num_hidden_layers"]):
            name = f"roberta.encoder.layer.{index}"
            x = self.attention(f"{name}.attention", x)
            wide = torch.nn.functional.gelu(self.linear(f"{name}.intermediate.dense", x))
            x = self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", wide))
        return self.linear("classifier.out_proj", torch.tanh(self.linear("classifier.dense", x[0]))).item()


@torch.inference_mode()
def main(checkpoint, pairs_file, reference_file):
    model = Model(checkpoint)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    reference = []
    for pair in json.loads(pairs_file.read_text()):
        ids, types, offset = encode(tokenizer, model.config, pair["query"], pair["document"])
        tokens = {"input_ids": ids, **({"token_type_ids": types} if types else {})}
        reference.append({**pair, **tokens, "logit": round(model.logit(ids, types, offset), 6)})
    lines = ",\n".join(json.dumps(pair, ensure_ascii=False) for pair in reference)
    reference_file.write_text(f'{{"note": "PyTorch {torch.__version__}, fp32", "pairs": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
