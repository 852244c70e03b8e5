import { useMutationState, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSlug } from "@/app/workspace";
import { OWN_CHANGE } from "@/shared";
import { followStream } from "@/shared/stream";

const COUNT = "/api/v1/workspaces/{slug}/people/count";

/** Keeps the counts current while people change, and says when the last change came: 0 before there was one. */
export function useLive(): number {
  const slug = useSlug();
  const client = useQueryClient();
  const [changedAt, setChangedAt] = useState(0);
  useEffect(() => {
    const stale = () => {
      setChangedAt(Date.now());
      void client.invalidateQueries({ queryKey: [COUNT] });
    };
    return followStream(`/api/v1/workspaces/${encodeURIComponent(slug)}/stream`, {
      on: {
        changed: (data) => {
          const { people, all, segments } = data as { people?: boolean; all?: boolean; segments?: unknown[] };
          if (people || all || segments?.length) stale();
        },
      },
      missed: stale,
    });
  }, [slug, client]);
  return changedAt;
}

/** When the reader last changed somebody whose row has followed by itself; 0 before. */
export function useOwnChangeAt(): number {
  const filters = { mutationKey: OWN_CHANGE, status: "success" } as const;
  return Math.max(0, ...useMutationState({ filters, select: ({ state }) => state.submittedAt }));
}

// The stream tells of the reader's own changes too, soon after their row or the whole list has followed.
const OWN_MS = 1_500;

/**
 * Whether a list has become old: there was a change since it was read, other than the reader's own at `ownAt`.
 * `reading` is true while it is read, whole.
 */
export function useOutdated(changedAt: number, reading: boolean, ownAt = 0): boolean {
  const [listedAt, setListedAt] = useState(0);
  useEffect(() => {
    if (!reading) setListedAt(Date.now());
  }, [reading]);
  return !reading && changedAt > Math.max(listedAt, ownAt) + OWN_MS;
}
