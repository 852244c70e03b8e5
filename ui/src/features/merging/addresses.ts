import type { ReadPath, Schemas } from "@/api";

export const SUGGESTIONS = "/api/v1/workspaces/{slug}/people/merge-suggestions";
export const MERGES = "/api/v1/workspaces/{slug}/merges";
export const PERSON = "/api/v1/workspaces/{slug}/people/{number}";

export type Suggestion = Schemas["MergeSuggestionOut"];
export type Side = Schemas["MergePersonOut"];
export type Merge = Schemas["MergeOut"];
export type Preview = Schemas["MergePreviewOut"];
export type Unmerged = Schemas["UnmergedOut"];

/** What a merge and its undo make stale. */
export const STALE: readonly (ReadPath | readonly [string])[] = [
  SUGGESTIONS,
  MERGES,
  PERSON,
  `${PERSON}/notes`,
  `${PERSON}/events`,
  `${PERSON}/segments`,
  `${PERSON}/explain`,
  `${PERSON}/last-session`,
  "/api/v1/workspaces/{slug}/people",
  ["/api/v1/workspaces/{slug}/people/count"],
  "/api/v1/workspaces/{slug}/segments",
];
