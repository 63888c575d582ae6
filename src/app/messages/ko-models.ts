/** What the models view says. */
import type { StorageKind } from "../../core/protocol.ts";
import { formatFor } from "../format.ts";
import type { LibraryNews } from "../model-library.ts";

const { count, decimal, percent, bytes, elapsed, duration } = formatFor("ko");

const news: Readonly<Record<LibraryNews["type"], (name: string) => string>> = {
  downloaded: (name) => `‘${name}’ 모델을 내려받았습니다. ‘쓰기’를 누르면 이 모델로 바꿉니다.`,
  paused: (name) => `‘${name}’ 내려받기를 멈췄습니다. 받은 만큼은 남아 있습니다.`,
  imported: (name) => `‘${name}’ 모델을 이 기기에 담았습니다. ‘쓰기’를 누르면 이 모델로 바꿉니다.`,
  removed: (name) => `‘${name}’ 모델을 이 기기에서 지웠습니다.`,
  forgotten: (name) => `‘${name}’ 모델을 목록에서 뺐습니다.`,
  added: (name) => `‘${name}’ 모델을 목록에 넣었습니다.`,
};

const storages: Readonly<Record<StorageKind, string>> = {
  opfs: "이 사이트 전용 파일 공간(OPFS)",
  cache: "브라우저 캐시(Cache Storage)",
  memory: "메모리에만. 이 브라우저에서는 모델을 보관할 수 없어 쓸 때마다 내려받습니다.",
};

export const models = {
  heading: "모델",
  intro:
    "모델은 한 번 내려받으면 이 기기에 남아 오프라인에서도 씁니다. 내려받는 동안에도 지금 모델로 검색하고 평가할 수 있습니다.",
  list: "모델 목록",
  reading: "이 기기에 있는 모델을 살펴보는 중…",
  viewFailed: "이 화면을 불러오지 못했습니다. 네트워크 연결을 확인하고 다시 시도해 주세요.",
  unreadable: "이 기기에 있는 모델을 알아내지 못했습니다",
  inUse: "쓰는 중",
  embedded: "기본 모델",
  embeddedHelp: "이 페이지에 들어 있어 지울 수 없습니다.",
  undescribed: "모델 정보를 아직 읽지 못했습니다.",
  address: "주소",
  imported: "폴더에서 가져옴",
  variants: "변형과 크기",
  forHere: "이 기기용",
  presence: {
    complete: "이 기기에 있음",
    partial: (storedBytes: number, totalBytes: number) =>
      `일부만 있음: ${bytes(storedBytes)} / ${bytes(totalBytes)} (${percent(storedBytes / Math.max(1, totalBytes))})`,
    absent: "이 기기에 없음",
  },
  actions: {
    use: "쓰기",
    pause: "일시정지",
    download: "내려받기",
    resume: "이어받기",
    "use-with-download": "내려받아 쓰기",
    remove: "삭제",
    forget: "목록에서 빼기",
  },
  cancel: "취소",
  of: (action: string, name: string) => `${action}: ${name}`,
  consent: (size: number) => `${bytes(size)}를 내려받습니다.`,
  room: (free: number) => `이 브라우저에 남은 자리는 ${bytes(free)}입니다.`,
  roomUnknown: "브라우저가 남은 자리를 알려 주지 않습니다.",
  noRoom: (free: number) => `남은 자리가 ${bytes(free)}뿐이라 다 담지 못할 수 있습니다.`,
  estimate: (ms: number) => `조금 전 속도라면 약 ${duration(ms)} 걸립니다.`,
  begin: "내려받기 시작",
  confirmRemoval: (size: number) => `이 기기에서 ${bytes(size)}를 비웁니다. 다시 쓰려면 새로 가져와야 합니다.`,
  confirmRemovalInUse: "지금 쓰는 모델이라 기본 모델로 바꿉니다.",
  removeNow: "지우기",
  transferring: (name: string) => `내려받기 진행: ${name}`,
  starting: "내려받기를 준비하는 중…",
  waiting: "다른 탭에서 내려받는 중입니다. 끝나면 함께 씁니다.",
  fromDevice: "이미 이 기기에 있는 파일을 확인하는 중",
  progress: (present: number, total: number) =>
    `${bytes(present)} / ${bytes(total)} (${percent(present / Math.max(1, total))})`,
  transferred: (size: number) => `이번에 받은 양 ${bytes(size)}`,
  rate: (bytesPerSecond: number) => `초당 ${bytes(bytesPerSecond)}`,
  remaining: (ms: number) => `약 ${duration(ms)} 남음`,
  downloadFailed: "내려받지 못했습니다",
  tabLost: "이 모델을 쓰던 탭이 갑자기 꺼진 적이 있습니다. 메모리가 모자랐을 수 있어 저절로 불러오지는 않습니다.",
  measured: "이 기기에서 잰 것",
  unmeasured: "아직 평가하지 않았습니다. 작업대에서 이 모델로 비교하면 여기에 남습니다.",
  measuredColumns: {
    dataset: "데이터",
    firstStage: "리랭킹 전",
    best: "리랭킹 후",
    perQuery: "질문당",
    device: "장치",
  },
  questions: (questions: number, candidates: number) => `질문 ${count(questions)}개, 후보 ${count(candidates)}개`,
  blended: "1차 검색과 혼합",
  modelOnly: "모델 점수만",
  selfTest: "자체 점검",
  noLicence: "저장소에 적혀 있지 않음",
  sanityOnly: (variant: string, ms: number) =>
    `${variant}: 맞춰 볼 기준 점수가 없어 점수가 옳은지는 확인하지 못했습니다. 분명히 고장 난 점수만 걸러냈습니다(${elapsed(ms)}).`,
  selfTestOf: (variant: string, pairs: number, maxError: number, ms: number) =>
    `${variant}: ${count(pairs)}쌍 통과, 최대 오차 ${decimal(maxError, 4)}, ${elapsed(ms)}`,
  storage: {
    heading: "저장 공간",
    used: "모델이 쓰는 자리",
    free: "남은 자리",
    unknown: "알 수 없음",
    place: "두는 곳",
    places: storages,
    kept: "보관 약속",
    isKept: "브라우저가 저절로 지우지 않기로 했습니다.",
    isNotKept: "디스크가 모자라면 브라우저가 지울 수 있습니다.",
  },
  /** Labels of an error's facts, where those of a CSV do not fit. */
  factLabels: { file: "필요한 파일", files: "폴더에 있는 파일", command: "컴파일 명령" },
  add: {
    heading: "모델 추가",
    label: "패키지 주소나 허브 저장소",
    placeholder: "https://… 또는 소유자/이름",
    help: "manifest.json이 든 폴더의 주소, 또는 Hugging Face 저장소(소유자/이름, 뒤에 @리비전이나 /폴더)입니다. 패키지가 없어도 ONNX로 내보낸 분류 모델이면 됩니다. 내용을 먼저 보여 드리고, 동의하신 뒤에 내려받습니다.",
    ask: "확인",
    asking: "패키지를 확인하는 중…",
    refused: "이 모델은 쓸 수 없습니다",
    precision: "정밀도와 크기",
    precisionOf: (dtype: string, size: number) => `${dtype} · ${bytes(size)}`,
    viaTransformers:
      "순위 패키지가 아니라 transformers.js로 돌리는 ONNX 모델입니다. 기준 점수가 없어 점수가 옳은지는 확인하지 못하고, 멈춘 파일은 처음부터 다시 받습니다.",
    listOnly: "목록에만 넣기",
    folder: "패키지 폴더 고르기",
    folderHint: "또는 패키지 폴더를 이 페이지에 끌어다 놓으세요.",
    importing: (name: string) => `‘${name}’ 폴더를 이 기기에 담는 중`,
    importFailed: (name: string) => `‘${name}’ 폴더를 가져오지 못했습니다`,
    stop: "중지",
    close: "닫기",
  },
  fallback: {
    "tab-lost": (name: string) =>
      `지난번에 ‘${name}’ 모델을 쓰던 탭이 갑자기 꺼졌습니다. 메모리가 모자랐을 수 있어 이번에는 기본 모델을 씁니다.`,
    "not-on-device": (name: string) =>
      `‘${name}’ 모델은 이 장치에서 쓸 파일이 이 기기에 다 있지 않아 기본 모델을 씁니다.`,
    loadAnyway: "그래도 불러오기",
    see: "모델 보기",
  },
  news,
};
