/** What a download shows, and what is asked before one begins or a model is deleted. */
import { html, type TemplateResult } from "lit";
import type { Messages } from "./messages/ko.ts";
import type { ModelLibrary, Transfer } from "./model-library.ts";
import type { ListedModel, Presence } from "./model-list.ts";
import { progressLine } from "./progress-line.ts";

interface Answers {
  readonly agree: () => void;
  readonly cancel: () => void;
}

/** @param label names the bar for whoever does not see where it stands */
export function transferLine(
  { progress, bytesPerSecond }: Extract<Transfer, { type: "running" }>,
  label: string,
  { models: t }: Messages,
): TemplateResult {
  if (progress === undefined) return progressLine({ text: t.starting }, label);
  const { totalBytes, storedBytes, transferredBytes, isWaiting } = progress;
  const present = storedBytes + transferredBytes;
  const fraction = totalBytes === 0 ? 0 : present / totalBytes;
  if (isWaiting) return progressLine({ text: t.waiting, fraction }, label);
  if (storedBytes > 0 && present === storedBytes && present === totalBytes) {
    return progressLine({ text: t.fromDevice, fraction }, label);
  }
  const words = [t.progress(present, totalBytes)];
  if (storedBytes > 0) words.push(t.transferred(transferredBytes));
  if (bytesPerSecond !== undefined) {
    words.push(t.rate(bytesPerSecond), t.remaining(((totalBytes - present) / bytesPerSecond) * 1000));
  }
  return progressLine({ text: words.join(" · "), fraction }, label);
}

/** Size, room and time, before the first byte. */
export function downloadConsent(
  { shelf, rate }: ModelLibrary,
  { totalBytes, storedBytes }: Presence,
  { models: t }: Messages,
  { agree, cancel }: Answers,
): TemplateResult {
  const neededBytes = totalBytes - storedBytes;
  const freeBytes = shelf.value.type === "read" ? shelf.value.usage.freeBytes : undefined;
  const bytesPerSecond = rate.value;
  const room =
    freeBytes === undefined ? t.roomUnknown : freeBytes < neededBytes ? t.noRoom(freeBytes) : t.room(freeBytes);
  return question(
    [
      t.consent(neededBytes),
      room,
      ...(bytesPerSecond === undefined ? [] : [t.estimate((neededBytes / bytesPerSecond) * 1000)]),
    ].join(" "),
    html`
      <button type="button" class="button primary" @click=${agree}>${t.begin}</button>
      <button type="button" class="button" @click=${cancel}>${t.cancel}</button>
    `,
  );
}

/** What would be freed, and what would take the model's place. */
export function removalConfirmation(
  { stored }: ListedModel,
  isInUse: boolean,
  { models: t }: Messages,
  { agree, cancel }: Answers,
): TemplateResult {
  return question(
    [t.confirmRemoval(stored?.storedBytes ?? 0), ...(isInUse ? [t.confirmRemovalInUse] : [])].join(" "),
    html`
      <button type="button" class="button danger" @click=${agree}>${t.removeNow}</button>
      <button type="button" class="button" @click=${cancel}>${t.cancel}</button>
    `,
  );
}

/** Gets the focus itself, so that it is read out and a second Enter does nothing. */
function question(text: string, buttons: TemplateResult): TemplateResult {
  return html`
    <div class="offer" role="group" aria-label=${text} tabindex="-1" data-question>
      <p>${text}</p>
      <div class="actions">${buttons}</div>
    </div>
  `;
}
