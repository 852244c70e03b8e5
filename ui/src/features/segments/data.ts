import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError, read, type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { HISTORY, LIST, ONE, PEOPLE } from "./addresses";

const REBUILDING_MS = 5_000;

export type Segment = Schemas["SegmentOut"];

/** The segments that the reader may see, favourites first, then by name. */
export function useSegments() {
  const slug = useSlug();
  return useQuery({
    ...read(LIST, { params: { path: { slug } } }),
    staleTime: 15_000,
    refetchInterval: ({ state }) => againSoon(state.data?.items),
  });
}

/** While the index is made anew sizes are the last known: they are asked for again by themselves. */
export function againSoon(segments: readonly Pick<Segment, "rebuilding">[] | undefined): number | false {
  return segments?.some(({ rebuilding }) => rebuilding) ? REBUILDING_MS : false;
}

/** Makes a segment a favourite, or one no more. */
export function useStar() {
  const slug = useSlug();
  const refresh = [LIST, ONE] as const;
  const star = useWrite("put", "/api/v1/workspaces/{slug}/segments/{segment}/star", { refresh });
  const unstar = useWrite("delete", "/api/v1/workspaces/{slug}/segments/{segment}/star", { refresh });
  return (segment: { id: string; starred: boolean }) => {
    const params = { path: { slug, segment: segment.id } };
    (segment.starred ? unstar : star).mutate({ params });
  };
}

/** Changes a segment as the reader has seen it; throws what the server refuses. */
export function useChange(segment: Segment): (change: Schemas["SegmentChange"]) => Promise<void> {
  const { t } = useTranslation("segments");
  const slug = useSlug();
  const client = useQueryClient();
  const write = useWrite("patch", ONE, { meta: { quiet: true }, refresh: [ONE, LIST, HISTORY, PEOPLE] });
  return async (change) => {
    const params = { path: { slug, segment: segment.id } };
    try {
      await write.mutateAsync({ params, body: { ...change, revision: segment.revision } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== "revision") throw error;
      await client.invalidateQueries({ queryKey: [ONE] });
      throw new ApiError(error.status, { code: "revision", message: t("edit.stale"), details: error.details });
    }
  };
}
