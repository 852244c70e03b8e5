// What other features use of merging.

import { lazy, Suspense } from "react";
import type { MergeProps } from "./MergeDialog";

const Dialog = lazy(() => import("./MergeDialog"));
const Line = lazy(() => import("./MaybeSame"));

export { SUGGESTIONS } from "./addresses";

/** Compares two people and merges them. */
export function MergeDialog(props: MergeProps) {
  return (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  );
}

/** Says of a person whom they may be the same as, for those who may merge them. */
export function MaybeSame({ number }: { number: number }) {
  return (
    <Suspense>
      <Line number={number} />
    </Suspense>
  );
}
