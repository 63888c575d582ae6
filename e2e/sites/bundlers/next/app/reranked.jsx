"use client";
// Next runs this module on the server too, where the import must do nothing.
import { useEffect } from "react";
import { rerank } from "sunwi";

export function Reranked() {
  useEffect(() => {
    globalThis.reranked = rerank({
      query: "환불은 며칠 걸리나요",
      documents: ["배송 조회 방법", "환불은 사흘 안에 됩니다", "회원 등급 안내"],
      top_n: 2,
    });
  }, []);
  return <p>환불</p>;
}
