import type { RankedDocument } from "../core/types.ts";
import { movementBetween, type Movement } from "./movement.ts";
import type { SearchHit, SearchState } from "./search-controller.ts";

/** A line of the list after reranking. */
export interface ResultRow {
  readonly hit: SearchHit;
  /** Here, from 1. */
  readonly rank: number;
  /** In the first stage, from 1. */
  readonly firstStageRank: number;
  /** Absent until there are scores. */
  readonly scored?: { readonly ranked: RankedDocument; readonly movement: Movement };
}

/** The reranked list; in the first stage's order as long as there are no scores. */
export function resultRows({
  hits,
  reranking,
}: Extract<SearchState, { readonly type: "results" }>): readonly ResultRow[] {
  if (reranking.type !== "done") return hits.map((hit, at) => ({ hit, rank: at + 1, firstStageRank: at + 1 }));
  return reranking.ranked.flatMap((ranked) => {
    const hit = hits[ranked.index];
    const firstStageRank = ranked.index + 1;
    const movement = movementBetween(firstStageRank, ranked.rank);
    return hit === undefined ? [] : [{ hit, rank: ranked.rank, firstStageRank, scored: { ranked, movement } }];
  });
}
