import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { followStream, sharedStream } from "@/shared/stream";
import { LIST, ONE } from "./addresses";

/** Who entered and left. At most 1,000 numbers are named; the counts are whole. */
interface Moved {
  entered: number[];
  entered_count: number;
  left: number[];
  left_count: number;
}

/** What one batch of changes did to one segment, and why: the 100 causes of most people. */
export interface Moves extends Moved {
  id: string;
  name: string;
  size: number;
  causes: (Moved & { cause: string; ref: string })[];
}

type Listener = (moves: readonly Moves[] | "reset", at: string) => void;

const follow = sharedStream<Parameters<Listener>>((slug, say) => {
  const reset = () => say("reset", new Date().toISOString());
  return followStream(`/api/v1/workspaces/${encodeURIComponent(slug)}/segments/stream`, {
    on: {
      transitions: (data) => {
        const { segments, at } = data as { segments: Moves[]; at: string };
        say(segments, at);
      },
      reset,
    },
    missed: reset,
  });
});

/**
 * Keeps the sizes of all segments shown current while the component is there. Rows stay where they are: only figures
 * change. `onMoves` is told who moved; after `reset` everything was read anew.
 */
export function useSegmentMoves(onMoves?: Listener): void {
  const slug = useSlug();
  const client = useQueryClient();
  const latest = useRef(onMoves);
  latest.current = onMoves;
  useEffect(
    () =>
      follow(slug, (moves, at) => {
        if (moves === "reset") {
          void client.invalidateQueries({ queryKey: [LIST] });
          void client.invalidateQueries({ queryKey: [ONE] });
        } else {
          for (const each of moves) resize(client, each, at);
          // Whoever has lost all members may be broken, and these figures don't say so.
          if (moves.some((each) => each.size === 0)) {
            void client.invalidateQueries({ queryKey: [LIST] });
            void client.invalidateQueries({ queryKey: [ONE] });
          }
        }
        latest.current?.(moves, at);
      }),
    [slug, client],
  );
}

function resize(client: QueryClient, { id, size }: Moves, at: string): void {
  const sized = <S extends Schemas["SegmentOut"]>(segment: S): S =>
    segment.id === id ? { ...segment, size, computed_at: at } : segment;
  client.setQueriesData<Schemas["SegmentList"]>({ queryKey: [LIST] }, (list) =>
    list?.items ? { ...list, items: list.items.map(sized) } : list,
  );
  client.setQueriesData<Schemas["SegmentDetail"]>({ queryKey: [ONE] }, (segment) => segment && sized(segment));
}
