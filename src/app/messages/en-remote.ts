import { formatFor } from "../format.ts";
import type { remote as koRemote, remoteErrors as koErrors, remoteReasons as koReasons } from "./ko-remote.ts";

const { count, decimal, elapsed } = formatFor("en");

const named = (host: string | number | undefined): string => (host === undefined ? "The service" : String(host));

const problems: Readonly<Record<string, string>> = {
  "not-json": "it is no JSON",
  "cut-off": "it broke off in the middle",
  shape: "it has another form",
  count: "it has not one score for each document",
  index: "document numbers repeat or are out of range",
  score: "a score is no number",
  scale: "scores are not from 0 to 1; try “Scores are logits”",
  labels: "there are several labels, and which score counts is unknown",
};

export const remoteErrors: typeof koErrors = {
  "remote-unauthorized": ({ host, status }) =>
    `${named(host)} did not accept the key${status === undefined ? "" : ` (${status})`}. Check the key and what it may do.`,
  "remote-rate-limited": ({ host, seconds }) =>
    `${named(host)} allows no more requests for now. Go on ${seconds === undefined ? "in a while" : `in ${seconds} seconds`}, or take fewer candidates.`,
  "remote-unavailable": ({ host, status }) =>
    `${named(host)} cannot answer at the moment${status === undefined ? "" : ` (${status})`}. Try again in a while.`,
  "remote-refused": ({ host, status, said }) =>
    `${named(host)} refused the request${status === undefined ? "" : ` (${status})`}. Check the address and the model’s name.` +
    (said === undefined || said === "" ? "" : ` The service says: ${said}`),
  "remote-response": ({ problem }) =>
    `The service’s answer cannot be used, and no score was taken from it: ${problems[String(problem)] ?? "it has another form"}.`,
  "remote-timeout": ({ host, seconds }) =>
    `${named(host)} did not answer ${seconds === undefined ? "in time" : `within ${seconds} seconds`}. Check that the server runs, and try again.`,
  "remote-unreachable": ({ host }) =>
    `${named(host)} was not reached. It may be the network or the address, or the service does not allow calls from web pages (CORS); a browser does not tell which. ` +
    "TEI allows this page with --cors-allow-origin. Commercial APIs such as Cohere’s often refuse calls from pages: set up a proxy of your own that adds CORS headers, and give its address.",
  "remote-insecure": ({ host, reason }) =>
    reason === "mixed"
      ? `A page of https cannot call ${named(host)} over http. Give an https address, or a proxy on this device.`
      : `A key is not sent to ${named(host)} over unencrypted http. Give an https address.`,
};

export const remoteReasons: typeof koReasons = {
  "remote-address": "Give an address that begins with https:// or http://. It cannot hold a password.",
  "remote-model": "This service needs the name of a model.",
  "remote-headers": "The key holds characters that cannot be sent. Check for characters copied with it.",
  "remote-gone": "This remote reranker is no longer in the list. Add it again.",
};

export const remote: typeof koRemote = {
  heading: "Remote rerankers",
  intro:
    "Compare services of Cohere, Jina, Voyage, Hugging Face TEI or SageMaker’s kind in the same table. A comparison sends them questions and candidate documents, and asks you before it does.",
  open: "Add a reranker",
  kind: "Service",
  url: "Address",
  model: "Model name",
  modelOptional: "Optional",
  key: "API key",
  keyHelp: "Held while this tab is open. No report or record contains it.",
  remember: "Remember the key on this device",
  logits: "Scores are logits (not 0 to 1)",
  add: "Add to the list",
  save: "Replace in the list",
  test: "Test the connection",
  testing: "Sending two sentences…",
  tested: (ms, right, wrong) =>
    `It answered (${elapsed(ms)}). Right text ${decimal(right, 3)}, wrong text ${decimal(wrong, 3)}.`,
  testedOdd: "The right text did not get the higher score. Check what the scores mean.",
  testHelp: "The test sends two short pairs that are always the same.",
  testFailed: "Could not connect",
  refused: "Cannot be added",
  list: "Remote rerankers added",
  hasKey: "Has a key",
  keyRemembered: "Key remembered",
  noKey: "No key",
  edit: (name) => `Change “${name}”`,
  editShort: "Change",
  remove: (name) => `Remove “${name}”`,
  removeShort: "Remove",
  forgetKeys: "Delete the keys remembered on this device",
  consentTitle: (hosts) => `Questions and documents go to ${hosts}`,
  consent: (questions, candidates) =>
    `${count(questions)} questions are sent, with up to ${count(candidates)} candidate documents each (${count(questions * candidates)} pairs in all). The service may charge for it.`,
  consentOrigin: "The origin’s protocol sends pieces of the documents once more.",
  agree: "Send and compare",
  without: "Compare without the remote ones",
  decline: "Do not compare",
  cost: (service) => `Remote · ${service}`,
};
