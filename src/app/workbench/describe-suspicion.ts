import type { DataSuspicion } from "../../eval/data-checks.ts";
import { formatFor } from "../format.ts";
import type { Messages } from "../messages/ko.ts";

/** What looks wrong, in the user's language. */
export function describeSuspicion(suspicion: DataSuspicion, { workbench, locale }: Messages): string {
  const { suspicions: t } = workbench;
  switch (suspicion.type) {
    case "duplicate-documents":
      return t[suspicion.type](suspicion.documentIds.join(", "));
    case "equal-questions":
      return t[suspicion.type](suspicion.questionIds.join(", "));
    case "answer-not-in-document":
      return t[suspicion.type](suspicion.questionId, formatFor(locale).percent(suspicion.coverage));
    case "likely-unlabelled":
      return t[suspicion.type](suspicion.questionId, suspicion.documentId);
  }
}
