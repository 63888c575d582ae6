/** What a comparison is made with. */
export interface WorkbenchSettings {
  /** "MRR@10" */
  readonly metric: string;
  /** Candidates of each question. */
  readonly candidates: number;
  /** Whether long documents are read in windows as well. */
  readonly windows: boolean;
  /** Whether the origin's protocol is measured as well, see `origin-protocol.ts`. */
  readonly origin: boolean;
}

export const STANDARD_SETTINGS: WorkbenchSettings = { metric: "MRR@10", candidates: 20, windows: false, origin: false };
export const CANDIDATE_CHOICES = [5, 10, 20, 50, 100] as const;
