// What other features use of exports.

import { lazy, Suspense } from "react";
import type { ExportProps } from "./ExportDialog";

const Dialog = lazy(() => import("./ExportDialog"));

export type { Exported } from "./ExportDialog";

/** Asks for columns and format, and starts an export. */
export function ExportDialog(props: ExportProps) {
  return (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  );
}
