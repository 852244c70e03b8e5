import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { keyOf, read } from "@/api";
import { useSlug } from "@/app/workspace";
import { IMPORT, type Import } from "./addresses";

/** One import. */
export function useImport(id: string) {
  const slug = useSlug();
  return useQuery(read(IMPORT, { params: { path: { slug, import_id: id } } }));
}

/** Shows an import as an answer has it, without asking again. */
export function useTellImport(): (source: Import) => void {
  const slug = useSlug();
  const client = useQueryClient();
  return useCallback(
    (source) => client.setQueryData(keyOf(IMPORT, { path: { slug, import_id: source.id } }), source),
    [slug, client],
  );
}
