"""Questions made from passages and headings, in the many ways people type them. Nothing here invents a fact: each
question asks for what its passage or heading says."""

import random
import re
from collections.abc import Callable

from lib.terms import swap_terms

_SENTENCE_END = re.compile(r"(?<=[.?!])\s+|\n+")
_PARTICLE = re.compile(
    r"(?<=[가-힣]{2})(?<![하되있없키])(?:에서는|으로는|에게는|에서|으로|에게|까지|부터|을|를|이|가|은|는|의|에|로|와|과|도)$"
)
_PUNCTUATION = re.compile(r"[.,?!()\[\]“”\"'「」:;·]")
# What a statement's end becomes when it is asked, politely and casually.
_ASKED = [
    (re.compile(r"할 수 있습니다$"), ("할 수 있나요?", "할 수 있을까요", "하는 방법", "하려면 어떻게 해야 하나요?")),
    (re.compile(r"수 없습니다$"), ("수 없나요?", "수 없는 이유", "수 없을 때는?")),
    (re.compile(r"해야 합니다$"), ("해야 하나요?", "해야 하는 이유가 뭔가요?", "꼭 해야 하나")),
    (re.compile(r"됩니다$"), ("되나요?", "되는 경우", "돼요?", "되는지 궁금합니다")),
    (re.compile(r"합니다$"), ("하나요?", "하는 이유", "해요?", "하는 것은 무엇인가요?", "하는 법")),
    (re.compile(r"입니다$"), ("인가요?", "이란?", "인 것은 무엇입니까?", "이 맞나요")),
    (re.compile(r"있습니다$"), ("있나요?", "있어요?", "있는지", "있습니까?")),
    (re.compile(r"없습니다$"), ("없나요?", "없을 때", "없습니까?")),
    (re.compile(r"습니다$"), ("나요?", "는지", "습니까?")),
    (re.compile(r"니다$"), ("니까?", "나요")),
    (re.compile(r"한다$"), ("하나요?", "하는가", "하는 경우는?", "해야 하나요?")),
    (re.compile(r"된다$"), ("되나요?", "되는가", "되는 경우는?")),
    (re.compile(r"있다$"), ("있나요?", "있는가", "있어?")),
    (re.compile(r"(?:이)다$"), ("인가요?", "란?", "인가")),
    (re.compile(r"(?:어|아|해)요$"), ("나요?", "는 방법은?", "는 이유")),
]
_ABOUT_NOUN = (
    "{}이란 무엇인가요?", "{} 뜻", "{} 설명해 주세요", "{}에 대해 알려줘", "{} 어떻게 하나요?", "{} 방법", "{} 사용법", "{}은 어디서 하나요",
    "{} 안 될 때", "{} 설정하려면?", "{} 관련 문의", "{} 알고 싶어요", "{}은 언제 쓰나요?", "{} 이유가 뭔가요", "{} 좀 알려주세요", "{} 예시",
    "{}을 하려면 어떻게 해야 합니까?", "{} 가능한가요?", "{} 무엇이 다른가요?", "{}이 뭐예요?",
)  # fmt: skip
_DOING = (
    "{}려면 어떻게 하나요?", "{}고 싶어요", "{}려면?", "{}는 방법", "{}는 법 알려줘", "{}려고 하는데 어떻게 해야 하죠?", "어떻게 {}나요?",
    "{}는 방법이 있나요?", "{}는 절차", "{}고 싶은데 안 돼요", "{}려면 무엇이 필요한가요?", "{}는 순서를 알려 주세요",
)  # fmt: skip
_ABOUT_LAW = (
    "{}", "{}은 어떻게 정해져 있나요?", "{} 기준", "{}에 관한 규정", "{} 요건이 뭔가요?", "{} 절차", "{} 누가 하나요?", "{}은 언제 해야 하나요",
    "{} 법적 근거", "{}에 대해 알려 주세요", "{}은 무엇을 말하나요?", "{} 신청은 어디에 하나요?",
)  # fmt: skip
_QUESTION_WORDS = ("무엇", "어떤 것", "뭐")


def about_heading(heading: str, source: str, rng: random.Random) -> str:
    """A heading as it is, or asked about."""
    heading = heading.strip().rstrip("?.:")
    if rng.random() < 0.2 or len(heading) < 2:
        return heading
    if source.startswith("law"):
        words = heading.split()
        # The act's title is often not known to who asks.
        if len(words) > 2 and rng.random() < 0.5:
            heading = " ".join(words[rng.randrange(1, len(words) - 1) :])
        return fit_particle(rng.choice(_ABOUT_LAW), heading)
    stem = re.match(
        r"^(.*[가-힣])(하|되|시키|나누|옮기|바꾸|보내|넣|얻|찾|읽|쓰|고치|지우|켜|끄|맞추|줄이|늘리|숨기|보|주)기$",
        heading,
    )
    if stem and rng.random() < 0.8:
        return rng.choice(_DOING).format(stem[1] + stem[2])
    made = re.match(r"^(.*)만들기$", heading)
    if made and rng.random() < 0.8:
        return rng.choice(
            ("{}만드는 방법", "{}만들려면 어떻게 하나요?", "{}어떻게 만드나요", "{}새로 만들고 싶어요", "{}생성하는 법")
        ).format(made[1])
    return fit_particle(rng.choice(_ABOUT_NOUN), heading)


def fit_particle(form: str, noun: str) -> str:
    """Fills in a noun with the particle that its last sound asks for: 값은, 파일은, 변수는."""
    last = noun[-1]
    closed = (ord(last) - 0xAC00) % 28 > 0 if "가" <= last <= "힣" else last.lower() in "lmnr013678"
    if not closed:
        for after_closed, after_open in (("{}이란", "{}란"), ("{}은", "{}는"), ("{}을", "{}를"), ("{}이 ", "{}가 ")):
            form = form.replace(after_closed, after_open)
    return form.format(noun)


def sentences(passage: str) -> list[str]:
    return [part.strip() for part in _SENTENCE_END.split(passage) if 15 <= len(part.strip()) <= 200]


def asked_sentence(passage: str, rng: random.Random) -> tuple[str, str] | None:
    """A sentence of the passage turned into a question, and the sentence as it stands; None where there is none."""
    choices = sentences(passage)
    if not choices:
        return None
    sentence = rng.choice(choices)
    bare = re.sub(r"^[-*•①-⑳\d.\s]+", "", sentence).rstrip(".?! ")
    for ending, asked in _ASKED:
        if ending.search(bare):
            bare = ending.sub(rng.choice(asked), bare)
            break
    words = bare.split()
    # Long statements are not asked in full: the end carries the question, and a part before it what it is about.
    most = rng.randint(4, 11)
    if len(words) > most:
        tail = rng.randint(2, max(2, most // 2))
        head = [word for word in words[:-tail] if rng.random() < (most - tail) / max(1, len(words) - tail)]
        words = head + words[-tail:]
    if len(words) > 3 and rng.random() < 0.3:
        at = rng.randrange(len(words) - 1)
        particle = _PARTICLE.search(words[at])
        if particle:
            words[at] = rng.choice(_QUESTION_WORDS) + particle[0]
    question = " ".join(words)
    return (question, sentence) if len(question) >= 6 else None


def keywords(text: str, rng: random.Random, most: int = 6) -> str:
    """Words without particles and punctuation, some left out: what is typed into a search box."""
    words = [_PARTICLE.sub("", _PUNCTUATION.sub("", word)) for word in text.split()]
    words = [word for word in words if len(word) > 1]
    kept = [word for word in words if rng.random() < min(1.0, most / max(1, len(words)))]
    if len(kept) > 1 and rng.random() < 0.25:
        rng.shuffle(kept)
    return " ".join(kept or words[:2])


def typed(text: str, rng: random.Random, strength: float = 1.0) -> str:
    """The same question as hands type it: spacing, slips, English for Korean terms and back, particles dropped."""
    if rng.random() < 0.12 * strength:
        text = swap_terms(text, rng)
    if rng.random() < 0.10 * strength:
        text = " ".join(_PARTICLE.sub("", word) for word in text.split())
    if rng.random() < 0.12 * strength:
        text = _drop_spaces(text, rng)
    if rng.random() < 0.06 * strength:
        text = _slip(text, rng)
    if rng.random() < 0.25:
        text = text.rstrip("?. ")
    return text


def _drop_spaces(text: str, rng: random.Random) -> str:
    if rng.random() < 0.3:
        return text.replace(" ", "")
    return "".join("" if char == " " and rng.random() < 0.4 else char for char in text)


def _slip(text: str, rng: random.Random) -> str:
    """One slip of the fingers: a final consonant lost or added, a neighbouring vowel, two syllables swapped."""
    places = [at for at, char in enumerate(text) if "가" <= char <= "힣"]
    if not places:
        return text
    at = rng.choice(places)
    code = ord(text[at]) - 0xAC00
    initial, vowel, final = code // 588, code % 588 // 28, code % 28
    slips: tuple[Callable[[], str], ...] = (
        lambda: _syllable(initial, vowel, 0 if final else 4),
        lambda: _syllable(initial, {1: 5, 5: 1, 0: 4, 4: 0, 8: 13, 13: 8, 11: 15}.get(vowel, vowel), final),
        lambda: text[at + 1] + text[at] if at + 1 < len(text) else text[at],
    )
    choice = rng.randrange(3)
    width = 2 if choice == 2 and at + 1 < len(text) else 1
    return text[:at] + slips[choice]() + text[at + width :]


def _syllable(initial: int, vowel: int, final: int) -> str:
    return chr(0xAC00 + initial * 588 + vowel * 28 + final)
