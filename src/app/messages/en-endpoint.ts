import type { Messages } from "./ko.ts";

export const endpoint: Messages["endpoint"] = {
  heading: "Use this page as an API",
  intro:
    "Code written for the rerank API of Cohere, Jina or TEI calls the model in this page once its base URL is changed. No request leaves the browser.",
  switchOn: "Answer rerank requests",
  unavailable:
    "This browser allows no service worker here, so nothing can be answered. Open the page through HTTPS or localhost, and not in a private window.",
  off: "It is off.",
  starting: "Starting the service worker…",
  serving: (answered) =>
    answered === 0 ? "Waiting for requests." : `${answered} request${answered === 1 ? "" : "s"} answered so far.`,
  failed: (reason) => `The service worker did not start. Turn it off and on again. (${reason})`,
  lastProblem: (status) => `Last error answered: ${status}`,
  base: "Base URL",
  copy: (what) => `Copy: ${what}`,
  copied: "Copied.",
  copyRefused: "The clipboard is not available. Select the code and copy it.",
  examples: { fetch: "Call it with fetch", cohere: "Call it with Cohere’s SDK", tei: "Call it in TEI’s shape" },
  notes: [
    "Only pages of the same origin that lie below this address can call it: the service worker takes the requests inside the browser. curl and servers cannot.",
    "This page must stay open. While it is closed the answer is 503.",
    "The model in use answers, whatever model a request names. The order goes by the model’s score alone.",
    "For pages of other origins, and apps, there is createRerankFetch (sunwi/fetch) in the npm package. It needs no service worker.",
  ],
  tryIt: "Try it",
  trying: "Calling…",
  answer: (status, ms) => `Answer ${status} · ${ms} ms`,
  noAnswer: "There was no answer.",
  threads: "Use several threads through the service worker",
  threadsHelp: {
    unknown: "Finding out…",
    host: "This server sends the headers that several threads need; no service worker is needed for them.",
    "service-worker":
      "The service worker adds the headers that this server does not send, so that several threads compute. Without it one will, from the next visit on.",
    "next-visit": "Several threads will compute from the next visit on. There is no need to reload now.",
    off: "One thread computes. Turned on, several will from the next visit on.",
  },
};
