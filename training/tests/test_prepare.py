import gzip
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from lib import made_questions as made
from lib.bm25 import Bm25, terms
from lib.rows import KeepOut, read_jsonl
from mine import draw, read_range
from prepare import from_triplets

TRAINING = Path(__file__).parent.parent


def test_terms_are_bigrams_of_hangul_and_whole_other_words():
    assert terms("SQL서버 2.5를") == ["sql", "서버", "2.5", "를"]
    assert terms("비밀번호") == ["비밀", "밀번", "번호"]


def test_bm25_multiplies_by_matched_terms_and_orders_by_score():
    places, scores = Bm25(["환불 안내", "배송 안내와 환불 방법", "날씨"]).search("환불 방법", 3)
    assert places.tolist() == [1, 0]
    assert scores[0] > 2 * scores[1]


def test_keep_out_finds_thirty_letters_whatever_stands_between():
    text = (
        "환불은 접수한 날부터 영업일 기준 사흘 안에 결제한 수단으로 이루어집니다. 자세한 내용은 고객 센터에 물어보세요."
    )
    assert text.replace(" ", "\n") in KeepOut([text])
    assert text[:20] not in KeepOut([text])


def test_a_broken_line_is_named(tmp_path):
    file = tmp_path / "broken.jsonl"
    file.write_text('{"a": 1}\n{"a": \n')
    with pytest.raises(SystemExit, match=r"broken\.jsonl:2"):
        list(read_jsonl(file))


@pytest.mark.parametrize(
    ("noun", "expected"),
    [("환불", "환불은 언제 쓰나요?"), ("변수", "변수는 언제 쓰나요?"), ("SQL", "SQL은 언제 쓰나요?")],
)
def test_particles_fit_the_last_sound(noun, expected):
    assert made.fit_particle("{}은 언제 쓰나요?", noun) == expected


def test_made_questions_are_never_empty_and_seeded():
    def ask(seed: int) -> list[str]:
        rng = random.Random(seed)
        return [made.typed(made.about_heading("비밀번호 변경하기", "docs", rng), rng) for _ in range(200)]

    assert all(question.strip() for question in ask(1))
    assert ask(1) == ask(1)
    assert len(set(ask(1))) > 20


def test_triplets_lose_failed_and_empty_parts(tmp_path):
    file = tmp_path / "marco.jsonl.gz"
    lines = [
        {"query": "수도", "pos": ["서울은 수도다", "err"], "neg": ["부산은 항구다", ""]},
        {"query": "err", "pos": ["가"], "neg": ["나"]},
        {"query": "항구", "pos": [" "], "neg": ["나"]},
    ]
    with gzip.open(file, "wt") as out:
        out.writelines(json.dumps(line) + "\n" for line in lines)
    groups, passages = from_triplets(file, random.Random(1))
    assert [group["query"] for group in groups] == ["수도"]
    assert [value["text"] for value in passages] == ["서울은 수도다", "부산은 항구다"]


def test_negatives_by_rank_leave_out_the_right_passage_and_the_question_and_are_topped_up():
    texts = {"right": "맞는 글", "same": "질문", "a": "가", "b": "나", "c": "다"}
    group = {"query": "질문", "positive": "right"}
    chosen = draw(["right", "same", "a"], list(texts), group, texts, 3, random.Random(1))
    assert sorted(chosen) == ["a", "b", "c"]


def test_a_range_of_ranks_is_read_or_refused():
    assert read_range("10-210") == (10, 210)
    with pytest.raises(Exception, match="10-210"):
        read_range("210-10")


def test_prepare_splits_by_page_and_keeps_evaluation_texts_out(tmp_path):
    rng = random.Random(5)
    words = [chr(rng.randrange(0xAC00, 0xD7A4)) + chr(rng.randrange(0xAC00, 0xD7A4)) for _ in range(400)]

    def row(at: int, page: int) -> dict:
        text = f"{' '.join(rng.sample(words, 12))} 화면에서 바꿀 수 있습니다. {' '.join(rng.sample(words, 8))} 눌러 주세요."
        return {"source": "docs", "licence": "MIT", "kind": "heading", "query": f"항목 {at} 바꾸기",
                "context": f"쪽 {page} > 항목", "passage": text}  # fmt: skip

    rows = [row(at, at // 4) for at in range(200)]
    pairs, judged = tmp_path / "pairs.jsonl", tmp_path / "judged.csv"
    pairs.write_text("".join(json.dumps(value, ensure_ascii=False) + "\n" for value in rows))
    secret = "이 글은 평가에만 쓰이고 훈련에는 절대로 쓰이지 않아야 하는 문장으로 되어 있습니다."
    with open(pairs, "a") as more:
        more.write(
            json.dumps(row(0, 0) | {"passage": f"앞에 붙은 말. {secret} 그리고 뒤에 붙은 말도 있습니다."}) + "\n"
        )
    judged.write_text(f'question,answer,doc_id,doc\n무엇인가요,,d,"{secret}"\n')
    done = subprocess.run(
        [sys.executable, TRAINING / "prepare.py", "--pairs", pairs, "--keep-out", judged, "--out", tmp_path / "out"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    passages = {value["id"]: value for value in read_jsonl(tmp_path / "out/passages.jsonl")}
    assert not any(secret in value["text"] for value in passages.values()), done.stdout
    summary = json.loads((tmp_path / "out/summary.json").read_text())
    assert summary["dropped"] == {"shares 30 letters with an evaluation text": 1}
    dev_pages = {passages[group["positive"]]["page"] for group in read_jsonl(tmp_path / "out/dev.jsonl")}
    groups = list(read_jsonl(tmp_path / "out/groups.jsonl"))
    assert len(groups) > 100 and len(dev_pages) > 0
    for group in groups:
        named = [group["positive"], *group["negatives"]]
        assert not {passages[name]["page"] for name in named[:1]} & dev_pages
        assert group["positive"] not in group["negatives"]
