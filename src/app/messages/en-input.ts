import type { inputReasons as koReasons } from "./ko-input.ts";
import type { Messages } from "./ko.ts";

export const problems: Messages["problems"] = {
  "missing-document": ({ docId }) => `No row has a text for document “${docId ?? ""}”; left out.`,
  "missing-doc-id": () => "doc_id is empty; left out.",
  "conflicting-document": ({ docId }) => `Document “${docId ?? ""}” has another text further up; that one is used.`,
  "duplicate-question": () => "The same question and document stand further up; left out.",
  "too-many-fields": ({ fields, expected }) =>
    `${fields ?? "?"} fields, more than the header’s ${expected ?? "?"}; left out. Is there a comma outside quotes?`,
  "too-few-fields": ({ fields, expected }) =>
    `${fields ?? "?"} fields, fewer than the header’s ${expected ?? "?"}; left out.`,
  "broken-quote": ({ lines }) =>
    `A quoted field does not end where it should; ${lines ?? "?"} line(s) from here left out.`,
  "broken-json": () => "Not a JSON object; left out.",
  "bad-line": ({ expected, found }) => `Not “${expected ?? ""}” but “${found ?? ""}”; left out.`,
  "bad-number": ({ found }) => `“${found ?? ""}” is no number; left out.`,
  "missing-question": () => "There is no question; left out.",
  "missing-positive": () => "No text answers the question; left out.",
  "unknown-question": ({ questionId }) => `Judgments name question “${questionId ?? ""}”, which has no text.`,
  "duplicate-judgment": ({ docId, questionId }) =>
    `Document “${docId ?? ""}” has a grade for question “${questionId ?? ""}” further up; that one is used.`,
  "duplicate-candidate": ({ docId }) =>
    `Document “${docId ?? ""}” stands among this question’s candidates further up; that one is used.`,
};

export const inputReasons: typeof koReasons = {
  empty: "The file is empty.",
  "no-header": "The first line does not name the columns.",
  "no-rows": "There is nothing below the header.",
  "no-questions": "No row has a question together with its document.",
  "no-table": "There is no table in it: CSV, TSV, JSON lines or Parquet.",
  "several-tables": "There are several tables, and no judgments (qrels) that join them. Give one of them.",
  "no-questions-file": "There are judgments, but no file of questions with id and text.",
  "no-documents": "There are judgments, but no file of documents with id and text.",
  "broken-file": "The file is damaged, or of a kind that cannot be read.",
  encoding: "The text encoding is unknown. Save the file as UTF-8 and try again.",
  unreachable: "The sample could not be downloaded. Check the connection.",
  address:
    "This is neither a web address nor a repository. Give a folder’s address that begins with https://, or owner/name.",
  checkpoint:
    "This is no package but a checkpoint that is still to be compiled, and has no ONNX files. Compile it in Sunwi’s repository first, or export it to ONNX with optimum and put that into the repository.",
  "repository-closed": "This repository does not exist, is private, or asks for consent on the hub.",
  "repository-empty":
    "This repository holds no model package. If manifest.json lies in a folder, write owner/name/folder.",
  architecture: "This is no reranker: it takes a classifier that scores pairs of texts.",
  labels: "The number of labels does not fit: a model must give one relevance score, or tell two classes apart.",
  precision: "The repository has no ONNX file in a precision that runs on this device.",
  "no-manifest": "This folder is no model package.",
};
