import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import type { Schemas } from "@/api";
import { useSlug } from "@/app/workspace";

export type Held = Schemas["WarningOut"];

/** The warnings of a person after a change: those of the fields that it touched are the new ones, the rest stay. */
export function heldAfter(before: readonly Held[], touched: readonly string[], warnings: readonly Held[]): Held[] {
  return [...before.filter(({ field }) => !touched.includes(field)), ...warnings];
}

const keyOf = (slug: string, number: number) => ["held", slug, number];

/** What the last changes of a person have said of values that another person holds: kept while the app is open. */
export function useHeld(number: number): readonly Held[] {
  const slug = useSlug();
  const { data } = useQuery<Held[]>({
    queryKey: keyOf(slug, number),
    queryFn: () => [],
    initialData: [],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data;
}

/** Notes what a change has said. */
export function useNoteHeld(number: number): (touched: readonly string[], warnings: readonly Held[]) => void {
  const slug = useSlug();
  const client = useQueryClient();
  return useCallback(
    (touched, warnings) =>
      client.setQueryData<Held[]>(keyOf(slug, number), (before = []) => heldAfter(before, touched, warnings)),
    [client, slug, number],
  );
}
