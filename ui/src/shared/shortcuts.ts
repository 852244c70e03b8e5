import { useEffect, useRef, useSyncExternalStore } from "react";

/** One shortcut that is in force: `keys` as "mod+k", "?", or "g p" for one after the other. */
export interface Shortcut {
  keys: string;
  label: string;
  /** Which part of the help it stands in; those of the page come first. */
  general?: boolean;
}

interface Registered extends Shortcut {
  run: (event: KeyboardEvent) => void;
}

const AFTER_MS = 900;
const active = new Set<Registered>();
const listeners = new Set<() => void>();
let list: readonly Shortcut[] = [];
let before: { key: string; at: number } | null = null;

function changed(): void {
  list = [...active];
  for (const each of listeners) each();
}

/** Whether a key goes into a text that is being written. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)) &&
    !/^(checkbox|radio|button)$/.test((target as HTMLInputElement).type ?? "")
  );
}

/** A key press in the words of `keys`; null for a modifier alone. */
export function nameOf(event: KeyboardEvent): string | null {
  if (/^(Shift|Control|Alt|Meta)$/.test(event.key)) return null;
  const mod = event.metaKey || event.ctrlKey ? "mod+" : "";
  const alt = event.altKey ? "alt+" : "";
  // Shift is part of a character such as "?"; with letters and named keys it is said.
  const shift = event.shiftKey && (event.key.length > 1 || mod) ? "shift+" : "";
  return mod + alt + shift + event.key.toLowerCase();
}

function onKey(event: KeyboardEvent): void {
  const name = nameOf(event);
  if (name === null || event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target) && !name.startsWith("mod+")) return;
  // Behind an open dialog the page's shortcuts are out of reach, as the page is.
  if (!name.startsWith("mod+") && document.querySelector("[aria-modal='true']")) return;
  const pair = before && event.timeStamp - before.at < AFTER_MS ? `${before.key} ${name}` : null;
  before = { key: name, at: event.timeStamp };
  const candidates = [...active].reverse(); // what was mounted last wins
  const found =
    (pair && candidates.find((each) => each.keys === pair)) || candidates.find((each) => each.keys === name);
  if (!found) return;
  before = null;
  event.preventDefault();
  found.run(event);
}

/** Puts a shortcut in force while the component is shown, and into the help behind `?`. `null` as keys: none. */
export function useShortcut(
  keys: string | null,
  { label, general = false, run }: { label: string; general?: boolean; run: (event: KeyboardEvent) => void },
): void {
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => {
    if (keys === null) return;
    const row: Registered = { keys, label, general, run: (event) => latest.current(event) };
    if (!active.size) document.addEventListener("keydown", onKey);
    active.add(row);
    changed();
    return () => {
      active.delete(row);
      if (!active.size) document.removeEventListener("keydown", onKey);
      changed();
    };
  }, [keys, label, general]);
}

/** All shortcuts in force now. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => list,
  );
}
