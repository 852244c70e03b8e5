import { useCallback, useState } from "react";
import type { Import } from "./addresses";
import { type Draft, draftOf, layoutOf } from "./draft";

// Kept for this tab only, so that a reload loses nothing that was not sent yet.
const nameOf = (source: Import) => `coterie.import.${source.id}`;

function kept(source: Import): Draft | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(nameOf(source)) ?? "null") as Draft | null;
    return found?.layout === layoutOf(source) ? found : null;
  } catch {
    return null;
  }
}

function keep(source: Import, draft: Draft): void {
  try {
    sessionStorage.setItem(nameOf(source), JSON.stringify(draft));
  } catch {
    // Then a reload begins with the plan that the server has.
  }
}

/** What was chosen so far for an import; begun anew when the file is read in another way. */
export function useDraft(source: Import): [Draft, (draft: Draft) => void] {
  const [draft, setDraft] = useState(() => kept(source) ?? draftOf(source));
  const current = draft.layout === layoutOf(source) ? draft : draftOf(source);
  const change = useCallback(
    (next: Draft) => {
      keep(source, next);
      setDraft(next);
    },
    [source],
  );
  return [current, change];
}
