// What other features use of privacy.

import { lazy, Suspense } from "react";
import type { EraseProps } from "./EraseDialog";

const Dialog = lazy(() => import("./EraseDialog"));

/** Asks before a person is erased everywhere. */
export function EraseDialog(props: EraseProps) {
  return (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  );
}
