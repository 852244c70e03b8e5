// What other features use of people.

import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { FilterEditorProps } from "./FilterEditor";

const Editor = lazy(() => import("./FilterEditor"));

/**
 * The filter bar in a form: chips, groups, counts, and the sentence with completion. What can't be read is not passed
 * on: `where` is always a filter that the server has understood.
 *
 *     <FilterEditor where={where} onWhere={setWhere} before={segment.size} />
 */
export function FilterEditor(props: FilterEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={84} />}>
      <Editor {...props} />
    </Suspense>
  );
}
