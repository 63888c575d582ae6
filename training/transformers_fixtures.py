"""Writes the models that `e2e/transformers.spec.ts` loads through transformers.js.

    python training/transformers_fixtures.py --out e2e/fixtures/transformers

Three random checkpoints of real architectures, exported as optimum exports them and laid out as a repository of the
Hugging Face hub: `config.json`, `tokenizer.json`, `tokenizer_config.json`, `onnx/model.onnx`,
`onnx/model_quantized.onnx`; and beside them, in `expected.json`, what PyTorch says of some pairs.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast
from transformers.utils import logging

SENTENCES = [
    "주문한 상품은 결제 뒤 이틀 안에 발송되며 배송은 보통 하루에서 사흘 걸립니다.",
    "환불은 상품을 받은 날부터 이레 안에 신청하시면 됩니다. 배송비는 돌려드리지 않습니다.",
    "비밀번호를 잊으셨다면 로그인 화면에서 ‘비밀번호 찾기’를 눌러 주세요.",
    "회원 탈퇴는 설정의 계정 메뉴에서 할 수 있으며 탈퇴한 뒤에는 되돌릴 수 없습니다.",
    "서울에서 부산까지 고속 열차로 두 시간 반이 걸리고 표는 한 달 전부터 살 수 있습니다.",
    "The refund is paid to the card that was used for the order within three days.",
]
PAIRS = [
    ("환불 언제", "환불은 상품을 받은 날부터 이레 안에 신청하시면 됩니다."),
    ("환불 언제", "비밀번호를 잊으셨다면 로그인 화면에서 비밀번호 찾기를 눌러 주세요."),
    ("배송 기간", "배송은 보통 하루에서 사흘 걸립니다."),
    ("서울 부산 열차", "서울에서 부산까지 고속 열차로 두 시간 반이 걸립니다. 표는 한 달 전부터 살 수 있습니다."),
    ("refund", "The refund is paid to the card within three days."),
    ("탈퇴", "짧은 글"),
    ("배송 환불 비밀번호", " ".join(SENTENCES * 3)),
]
MOST_TOKENS = 64
SHAPE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    # Large, so that the logits of an untrained model spread.
    "initializer_range": 0.4,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.set_verbosity_error()
    write_model(options.out / "bert", bert_tokenizer(), "BertTokenizer", "bert", labels=2)
    write_model(options.out / "xlm-roberta", xlmr_tokenizer(), "XLMRobertaTokenizer", "xlm-roberta", labels=1)
    write_model(options.out / "modernbert", modernbert_tokenizer(), "PreTrainedTokenizerFast", "modernbert", labels=1)


def bert_tokenizer() -> PreTrainedTokenizerFast:
    """WordPiece; `[CLS] query [SEP] document [SEP]` with segments."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, handle_chinese_chars=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    trainer = trainers.WordPieceTrainer(vocab_size=320, special_tokens=special, show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[(token, special.index(token)) for token in ("[CLS]", "[SEP]")],
    )
    return wrapped(tokenizer, pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]")


def xlmr_tokenizer() -> PreTrainedTokenizerFast:
    """Unigram over Metaspace; `<s> query </s></s> document </s>` without segments."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.UnigramTrainer(vocab_size=260, special_tokens=special, unk_token="<unk>", show_progress=False)
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return wrapped(tokenizer, pad="<pad>", unk="<unk>", cls="<s>", sep="</s>", mask="<mask>")


def modernbert_tokenizer() -> PreTrainedTokenizerFast:
    """BPE over bytes; `[CLS] query [SEP] document [SEP]` without segments."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 1), ("[SEP]", 2)],
    )
    return wrapped(tokenizer, pad="[PAD]", unk="[UNK]", cls="[CLS]", sep="[SEP]", mask="[MASK]")


def wrapped(tokenizer: Tokenizer, **special: str) -> PreTrainedTokenizerFast:
    names = {f"{kind}_token": token for kind, token in special.items()}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=MOST_TOKENS, **names)


def write_model(
    folder: Path, tokenizer: PreTrainedTokenizerFast, tokenizer_class: str, model_type: str, labels: int
) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "onnx").mkdir(parents=True)
    # XLM-RoBERTa counts its positions from the padding token's id + 1.
    positions = MOST_TOKENS + 2 if model_type == "xlm-roberta" else MOST_TOKENS
    shape = SHAPE | {"global_attn_every_n_layers": 2, "local_attention": 16} if model_type == "modernbert" else SHAPE
    config = AutoConfig.for_model(
        model_type,
        **shape,
        vocab_size=len(tokenizer),
        max_position_embeddings=positions,
        num_labels=labels,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
        cls_token_id=tokenizer.cls_token_id,
        sep_token_id=tokenizer.sep_token_id,
    )
    torch.manual_seed(7)
    model = AutoModelForSequenceClassification.from_config(config, attn_implementation="eager").eval()
    config = json.loads(model.config.to_json_string()) | {"architectures": [type(model).__name__]}
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    write_tokenizer(folder, tokenizer, tokenizer_class)
    export(model, tokenizer, folder / "onnx")
    (folder / "expected.json").write_text(json.dumps(expected(model, tokenizer), ensure_ascii=False, indent=1) + "\n")


def write_tokenizer(folder: Path, tokenizer: PreTrainedTokenizerFast, tokenizer_class: str) -> None:
    described = json.loads(tokenizer.backend_tokenizer.to_str())
    (folder / "tokenizer.json").write_text(json.dumps(described, ensure_ascii=False) + "\n")
    special = {name: str(token) for name, token in tokenizer.special_tokens_map.items()}
    about = {"tokenizer_class": tokenizer_class, "model_max_length": MOST_TOKENS, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(about, indent=1) + "\n")


def export(model: torch.nn.Module, tokenizer: PreTrainedTokenizerFast, folder: Path) -> None:
    inputs = ["input_ids", "attention_mask"] + (["token_type_ids"] if model.config.model_type == "bert" else [])
    sample = encoded(tokenizer, PAIRS[:2])
    axes = {name: {0: "batch", 1: "tokens"} for name in inputs} | {"logits": {0: "batch"}}
    with torch.no_grad():
        torch.onnx.export(
            NamedInputs(model, inputs).eval(),
            tuple(sample[name] for name in inputs),
            str(folder / "model.onnx"),
            input_names=inputs,
            output_names=["logits"],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
    with tempfile.TemporaryDirectory() as scratch:
        quantized = Path(scratch) / "model_quantized.onnx"
        quantize_dynamic(folder / "model.onnx", quantized, weight_type=QuantType.QUInt8)
        shutil.copy(quantized, folder)


class NamedInputs(torch.nn.Module):
    """Takes its inputs by place, as the exporter gives them."""

    def __init__(self, model: torch.nn.Module, names: list[str]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *values: torch.Tensor) -> torch.Tensor:
        return self.model(**dict(zip(self.names, values, strict=True))).logits


def encoded(tokenizer: PreTrainedTokenizerFast, pairs: list[tuple[str, str]]) -> dict[str, torch.Tensor]:
    queries, documents = zip(*pairs, strict=True)
    texts = {"text": list(queries), "text_pair": list(documents)}
    return tokenizer(**texts, padding=True, truncation="only_second", return_tensors="pt", return_token_type_ids=True)


def expected(model: torch.nn.Module, tokenizer: PreTrainedTokenizerFast) -> list[dict[str, object]]:
    """Each pair alone, so that no padding is involved."""
    rows = []
    for query, document in PAIRS:
        inputs = encoded(tokenizer, [(query, document)])
        if model.config.model_type != "bert":
            del inputs["token_type_ids"]
        with torch.no_grad():
            logits = model(**inputs).logits[0].tolist()
        length = len(tokenizer(query, document)["input_ids"])
        rows.append({"query": query, "document": document, "logits": logits, "truncated": length > MOST_TOKENS})
    return rows


if __name__ == "__main__":
    main()
