import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { ReadPath } from "@/api";
import { useSlug } from "@/app/workspace";
import { followStream } from "@/shared/stream";

const FOLLOWED: readonly ReadPath[] = [
  "/api/v1/workspaces/{slug}/people/{number}",
  "/api/v1/workspaces/{slug}/people/{number}/events",
  "/api/v1/workspaces/{slug}/people/{number}/segments",
  "/api/v1/workspaces/{slug}/people/{number}/last-session",
  "/api/v1/workspaces/{slug}/people/{number}/explain",
];

/** Reads a person anew whenever they change. */
export function useFollow(number: number): void {
  const slug = useSlug();
  const client = useQueryClient();
  useEffect(() => {
    const refresh = () => {
      for (const path of FOLLOWED) {
        const predicate = ({ queryKey }: { queryKey: readonly unknown[] }) => isAbout(queryKey, number);
        void client.invalidateQueries({ queryKey: [path], predicate });
      }
    };
    const address = `/api/v1/workspaces/${encodeURIComponent(slug)}/stream?number=${number}`;
    return followStream(address, { on: { changed: refresh }, missed: refresh });
  }, [slug, number, client]);
}

function isAbout([, params]: readonly unknown[], number: number): boolean {
  return (params as { path?: { number?: number } } | undefined)?.path?.number === number;
}
