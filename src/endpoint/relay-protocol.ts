/** What the service worker and a page that answers for it say to each other. */
import type { HttpAnswer } from "./http-answer.ts";

/** Asks every open page of the app whether it serves; a port comes with it, and its answers go there. */
export const ASK = "sunwi:who-serves";

/** A page asks to be among those whose requests the service worker sees, without being loaded anew. */
export const CLAIM = "sunwi:claim";

/** From the page, through the port. */
export type PageMessage =
  { readonly type: "serves"; readonly isServing: boolean } | { readonly type: "answer"; readonly answer: HttpAnswer };

/** To the page that was chosen, through the port. */
export type RelayMessage =
  | { readonly type: "call"; readonly method: string; readonly url: string; readonly body: string }
  | { readonly type: "cancel" };

/** @param scope the app's base, absolute and ending in a slash */
export function endpointBase(scope: string): string {
  return new URL("api/", scope).href;
}
