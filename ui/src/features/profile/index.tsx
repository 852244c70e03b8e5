import { lazy, Suspense } from "react";
import type { ProfilePanelProps } from "./Panel";

const Panel = lazy(() => import("./Panel"));

/**
 * One person beside the list, over its right end. Not modal: the list stays in reach. It takes the focus, gives it
 * back on close, and closes on Escape; `onPrevious` and `onNext` go over the list's rows and are left out at its ends.
 *
 *     {person !== undefined && <ProfilePanel number={person} onClose={...} onNext={...} onPrevious={...} />}
 */
export function ProfilePanel(props: ProfilePanelProps) {
  return (
    <Suspense>
      <Panel {...props} />
    </Suspense>
  );
}

export type { ProfilePanelProps } from "./Panel";
export { Provenance } from "./Provenance";
export { ShownValue } from "./ShownValue";
export { draftOf, type FieldType, headOf, rawOf } from "./values";
