/** The page starts here. */
import { WorkerReranker } from "../client/worker-reranker.ts";
import { createApp } from "./app.ts";
import "./elements-define.ts";
import { startApp } from "./start-app.ts";

startApp(
  createApp({
    createReranker: (request) => new WorkerReranker(request),
    storage: permittedStorage(),
    sampleUrl: `${import.meta.env.BASE_URL}samples/help-centre-ko.csv`,
    pageUrl: location.href,
    fetch: fetch.bind(window),
    loadReportView: () => import("./report-define.ts"),
  }),
);

/** Where cookies are blocked, even naming the storage throws. */
function permittedStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
