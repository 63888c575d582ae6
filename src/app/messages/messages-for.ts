import type { Locale } from "../format.ts";
import { en } from "./en.ts";
import { ko, type Messages } from "./ko.ts";

const messages: Readonly<Record<Locale, Messages>> = { ko, en };

/** Everything the page says in a language. */
export function messagesFor(locale: Locale): Messages {
  return messages[locale];
}
