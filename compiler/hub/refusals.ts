/** What a hub's refusal means, and what to do about it. */
import { RerankError, type RerankErrorCode } from "../../src/core/errors.ts";

/** What a refusal needs to know of the connection it came by. */
interface RefusedConnection {
  readonly hubUrl: string;
  readonly repository: string;
  readonly accessToken?: string | undefined;
}

/** A refused request as far as the answer tells: hubs name their reasons in headers. */
interface Refusal {
  readonly status: number;
  /** "GatedRepo", "RepoNotFound", "RevisionNotFound", "EntryNotFound"; "" where none is named. */
  readonly reason: string;
  /** The hub's own words. */
  readonly words: string;
  readonly url: string;
  readonly hubUrl: string;
  readonly repository: string;
  readonly hasToken: boolean;
}

/** Reads the answer's body, for hubs that explain themselves there only. */
export async function refusalOf(answer: Response, connection: RefusedConnection): Promise<RerankError> {
  const refusal: Refusal = {
    status: answer.status,
    reason: answer.headers.get("X-Error-Code") ?? "",
    words: answer.headers.get("X-Error-Message") ?? (await errorInBody(answer)),
    url: answer.url,
    hubUrl: connection.hubUrl,
    repository: connection.repository,
    hasToken: connection.accessToken !== undefined,
  };
  const [code, message] = explain(refusal);
  const { status, reason, repository, url } = refusal;
  return new RerankError(code, message, { details: { status, reason, repository, url } });
}

function explain(refusal: Refusal): [RerankErrorCode, string] {
  const { reason, status, repository, url, words } = refusal;
  if (reason === "GatedRepo") return ["model-download", gated(refusal)];
  if (reason === "RevisionNotFound") {
    return ["invalid-input", `${repository} has no such branch, tag or commit (${url}). Check --revision.`];
  }
  if (reason === "EntryNotFound") {
    return [
      "model-download",
      `${repository} no longer holds the file ${url}. Start again to read its list of files anew.`,
    ];
  }
  // "Invalid username or password" it says of every repository that a stranger may not see.
  if (words.startsWith("Invalid credentials")) return ["model-download", invalidToken(refusal)];
  if (reason === "RepoNotFound" || status === 401 || status === 404) return ["invalid-input", notFound(refusal)];
  if (status === 403)
    return ["model-download", `The hub denies access to ${repository}: ${words || "it gives no reason"}.`];
  const trouble = `${new URL(url).host} answers with status ${String(status)}${words === "" ? "" : `: ${words}`}`;
  return ["model-download", `${trouble}. Try again later; what has arrived so far is kept.`];
}

function gated({ repository, hubUrl, hasToken }: Refusal): string {
  const accept = `accept its licence at ${hubUrl}/${repository}`;
  if (!hasToken) {
    return (
      `${repository} is gated: ${accept}, make an access token at ${hubUrl}/settings/tokens, ` +
      "and set HF_TOKEN to it."
    );
  }
  return (
    `${repository} is gated, and the account of HF_TOKEN may not read it: ${accept} with that account, and wait where ` +
    "its owner approves by hand. A fine-grained token needs the permission to read public gated repositories."
  );
}

function invalidToken({ hubUrl }: Refusal): string {
  return (
    `The hub does not know the access token in HF_TOKEN: it is mistyped, expired or withdrawn. Make a new one at ` +
    `${hubUrl}/settings/tokens, or unset HF_TOKEN where the model is public.`
  );
}

/** A hub says the same of what does not exist and of what may not be seen. */
function notFound({ repository, hubUrl, hasToken }: Refusal): string {
  const cure = hasToken
    ? "Check the name, and whether the account of HF_TOKEN may read it."
    : "Check the name; if it is private, set HF_TOKEN to an access token of an account that may read it.";
  return `${hubUrl} has no model ${repository}, or it is private. ${cure}`;
}

async function errorInBody(answer: Response): Promise<string> {
  const isJson = answer.headers.get("Content-Type")?.includes("application/json") === true;
  const json: unknown = isJson ? await answer.json().catch(() => undefined) : undefined;
  if (!isJson) await answer.body?.cancel();
  const words: unknown = typeof json === "object" && json !== null && "error" in json ? json.error : undefined;
  return typeof words === "string" ? words : "";
}
