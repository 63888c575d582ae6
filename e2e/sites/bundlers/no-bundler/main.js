import { rerank } from "{sunwi}/index.js";

globalThis.reranked = rerank({
  query: "환불은 며칠 걸리나요",
  documents: ["배송 조회 방법", "환불은 사흘 안에 됩니다", "회원 등급 안내"],
  top_n: 2,
});
