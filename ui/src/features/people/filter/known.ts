import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { read, type Schemas } from "@/api";
import { useFields, useMay, useSlug } from "@/app/workspace";
import type { Field, Operators } from "./conditions";

export interface Vocabulary {
  fields: readonly Field[];
  operators: Operators;
  segments: readonly Schemas["SegmentOut"][];
  events: readonly string[];
  properties: readonly string[];
}

/** What filters of this workspace can name; null until the operators are there. */
export function useVocabulary(): Vocabulary | null {
  const slug = useSlug();
  const fields = useFields();
  const operators = useQuery({ ...read("/api/v1/operators"), staleTime: 3_600_000 });
  const segments = useQuery({
    ...read("/api/v1/workspaces/{slug}/segments", { params: { path: { slug } } }),
    enabled: useMay("segments:read"),
    staleTime: 30_000,
  });
  const events = useQuery({
    ...read("/api/v1/workspaces/{slug}/events/names", { params: { path: { slug } } }),
    enabled: useMay("events:read"),
    staleTime: 60_000,
  });
  // The same object until one of the answers is another: chips and menus are drawn anew with it.
  return useMemo(() => {
    if (!operators.data || !fields.length) return null;
    return {
      fields,
      operators: operators.data,
      segments: segments.data?.items ?? [],
      events: events.data?.events.map(({ name }) => name) ?? [],
      properties: events.data?.properties.map(({ name }) => name) ?? [],
    };
  }, [fields, operators.data, segments.data, events.data]);
}
