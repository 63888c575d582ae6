/** What is said of a file's rows, and of files and addresses that cannot be used. */
import type { ErrorDetails } from "../../core/errors.ts";
import type { RowProblemCode } from "../../eval/types.ts";

export const problems: Readonly<Record<RowProblemCode, (details: ErrorDetails) => string>> = {
  "missing-document": ({ docId }) => `문서 ‘${docId ?? ""}’의 본문이 어느 행에도 없어 제외했습니다.`,
  "missing-doc-id": () => "doc_id가 비어 있어 제외했습니다.",
  "conflicting-document": ({ docId }) => `문서 ‘${docId ?? ""}’의 본문이 앞 행과 다릅니다. 앞의 것을 씁니다.`,
  "duplicate-question": () => "같은 질문과 문서가 앞 행에 있어 제외했습니다.",
  "too-many-fields": ({ fields, expected }) =>
    `칸이 ${fields ?? "?"}개로 머리글(${expected ?? "?"}개)보다 많아 제외했습니다. 따옴표 밖에 쉼표가 있는지 확인해 주세요.`,
  "too-few-fields": ({ fields, expected }) =>
    `칸이 ${fields ?? "?"}개로 머리글(${expected ?? "?"}개)보다 적어 제외했습니다.`,
  "broken-quote": ({ lines }) => `따옴표가 제대로 닫히지 않아 여기부터 ${lines ?? "?"}줄을 제외했습니다.`,
  "broken-json": () => "JSON 객체가 아니어서 제외했습니다.",
  "bad-line": ({ expected, found }) => `‘${expected ?? ""}’ 형식이 아닌 ‘${found ?? ""}’ 줄을 제외했습니다.`,
  "bad-number": ({ found }) => `‘${found ?? ""}’은(는) 숫자가 아니어서 제외했습니다.`,
  "missing-question": () => "질문이 없어 제외했습니다.",
  "missing-positive": () => "질문에 답하는 글이 없어 제외했습니다.",
  "unknown-question": ({ questionId }) => `판정에 나온 질문 ‘${questionId ?? ""}’의 본문이 없습니다.`,
  "duplicate-judgment": ({ docId, questionId }) =>
    `질문 ‘${questionId ?? ""}’의 문서 ‘${docId ?? ""}’ 판정이 앞에 있습니다. 앞의 것을 씁니다.`,
  "duplicate-candidate": ({ docId }) => `문서 ‘${docId ?? ""}’이(가) 같은 질문의 앞 후보에 있습니다. 앞의 것을 씁니다.`,
};

/** Why a CSV or an address cannot be used: `details.reason` of `invalid-input`. */
export const inputReasons = {
  empty: "파일이 비어 있습니다.",
  "no-header": "첫 줄에서 필요한 열 이름을 찾지 못했습니다.",
  "no-rows": "머리글 아래에 행이 없습니다.",
  "no-questions": "질문과 그 문서가 함께 있는 행이 없습니다.",
  "no-table": "표가 없습니다. CSV, TSV, JSON Lines, Parquet 파일을 넣어 주세요.",
  "several-tables": "표가 여럿인데 이들을 잇는 판정(qrels) 파일이 없습니다. 하나만 넣어 주세요.",
  "no-questions-file": "판정 파일은 있지만 질문 파일(id와 본문)이 없습니다.",
  "no-documents": "판정 파일은 있지만 문서 파일(id와 본문)이 없습니다.",
  "broken-file": "파일이 손상되었거나 읽을 수 없는 형식입니다.",
  encoding: "글자 인코딩을 알아낼 수 없습니다. UTF-8로 저장해 다시 시도해 주세요.",
  unreachable: "예시 데이터를 내려받지 못했습니다. 네트워크 연결을 확인해 주세요.",
  address: "웹 주소도 저장소 이름도 아닙니다. https://로 시작하는 폴더 주소나 ‘소유자/이름’을 적어 주세요.",
  checkpoint:
    "패키지가 아니라 아직 컴파일하지 않은 체크포인트이고 ONNX 파일도 없습니다. 순위 저장소에서 먼저 컴파일하거나, optimum으로 ONNX로 내보내 저장소에 올려 주세요.",
  "repository-closed": "이 저장소는 없거나, 비공개이거나, 허브에서 동의해야 열립니다.",
  "repository-empty":
    "이 저장소에는 모델 패키지가 없습니다. manifest.json이 폴더 안에 있다면 ‘소유자/이름/폴더’로 적어 주세요.",
  architecture: "리랭커가 아닙니다. 문장 쌍에 점수를 매기는 분류 모델이어야 합니다.",
  labels: "레이블 수가 맞지 않습니다. 관련성 점수 하나를 내거나, 둘 중 하나로 가르는 모델이어야 합니다.",
  precision: "이 저장소에는 이 기기에서 돌릴 수 있는 정밀도의 ONNX 파일이 없습니다.",
  "no-manifest": "모델 패키지 폴더가 아닙니다.",
};
