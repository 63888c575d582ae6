/** From a service's request to its answer, with no network and no page in it. */
import type { HttpAnswer } from "./http-answer.ts";
import { problemAnswer, problemOf, unknownPath, wrongMethod, type Problem } from "./problems.ts";
import { readCall } from "./requests.ts";
import { rankingBody, type Ranking } from "./responses.ts";
import type { Route } from "./routes.ts";

/** Scores and orders all texts, by the logit alone. @throws RerankError */
export type RankTexts = (
  query: string,
  texts: readonly string[],
  options: { readonly maxTokensPerDoc?: number; readonly signal?: AbortSignal },
) => Promise<Ranking>;

export interface EndpointCall {
  readonly route: Route;
  readonly method: string;
  /** For the message where nothing is there. */
  readonly path: string;
  readonly body: string;
}

/** A thousand documents of a few pages each. */
const MAX_BODY_CHARACTERS = 10_000_000;

/** Never rejects: what goes wrong is in the answer, as the service would tell it. */
export async function answerCall(
  { route, method, path, body }: EndpointCall,
  rank: RankTexts,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const { service, isKnown } = route;
  const refuse = (problem: Problem): HttpAnswer => problemAnswer(service, problem);
  if (!isKnown) return refuse(unknownPath(path));
  if (method !== "POST") return refuse(wrongMethod(method));
  if (body.length > MAX_BODY_CHARACTERS) {
    return refuse({ kind: "too-large", message: `The body has more than ${MAX_BODY_CHARACTERS} characters.` });
  }
  const parsed = parseJson(body);
  if (parsed === undefined) return refuse({ kind: "malformed", message: "The body is not JSON." });
  const reading = readCall(service, parsed.value);
  if (!reading.ok) return refuse(reading.problem);
  const { call } = reading;
  try {
    const ranking = await rank(call.query, call.texts, {
      ...(call.maxTokensPerDoc !== undefined && { maxTokensPerDoc: call.maxTokensPerDoc }),
      ...(signal && { signal }),
    });
    const cut = call.truncates ? undefined : ranking.ranked.find(({ truncated }) => truncated);
    if (cut === undefined) return { status: 200, body: rankingBody(service, call, ranking) };
    const message = `Document ${cut.index}, or the query, is longer than the model reads, and the call does not let its end be cut.`;
    return refuse({ kind: "too-long", message });
  } catch (error) {
    return refuse(problemOf(error));
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
