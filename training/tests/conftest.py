import json
import sys
from pathlib import Path

import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

sys.path.insert(0, str(Path(__file__).parent.parent))

WORDS = "환불 은 언제 되 나요 배송 취소 방법 비밀번호 변경 서버 로그 사흘 안 에 됩니다 합니다 설정 에서 눌러 고객 센터 문의".split()


@pytest.fixture
def tokenizer_folder(tmp_path: Path) -> Path:
    """A unigram tokenizer of a few words in place of the 16,000 pieces."""
    special = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    pieces = [(word, -2.0) for word in ["▁", *WORDS, *("▁" + word for word in WORDS)]]
    tokenizer = Tokenizer(models.Unigram(special + pieces, unk_id=3))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A folder as prepare.py writes it: 12 passages, 12 groups."""
    folder = tmp_path / "data"
    folder.mkdir()
    passages = [
        {
            "id": f"p{at}",
            "source": "s",
            "page": f"s/{at // 3}",
            "heading": WORDS[at],
            "text": " ".join(WORDS[at : at + 6]),
        }
        for at in range(12)
    ]
    groups = [
        {
            "query": f"{WORDS[at]} {WORDS[at + 3]}",
            "positive": f"p{at}",
            "negatives": [f"p{(at + step) % 12}" for step in (4, 6, 8)],
            "kind": "written" if at % 2 else "heading",
            "source": "s",
        }
        for at in range(12)
    ]
    for name, values in (("passages", passages), ("groups", groups), ("dev", groups[:1])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(value) + "\n" for value in values))
    return folder
