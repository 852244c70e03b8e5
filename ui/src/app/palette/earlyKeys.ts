let typed: string | null = null;

function keep(event: KeyboardEvent): void {
  if (typed === null || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.key.length === 1) typed += event.key;
  else if (event.key === "Backspace") typed = typed.slice(0, -1);
  else return;
  // Neither a shortcut of the page nor a field that still has the focus may take it.
  event.preventDefault();
  event.stopImmediatePropagation();
}

/**
 * Keeps what is typed until `takeEarlyKeys`: the palette is fetched when it is first opened, and its field is there
 * some moments after the key that opens it. Who types on at once loses no letter.
 */
export function keepEarlyKeys(): void {
  typed ??= "";
  window.addEventListener("keydown", keep, true);
}

/** Ends the keeping and gives what was typed meanwhile. */
export function takeEarlyKeys(): string {
  window.removeEventListener("keydown", keep, true);
  const kept = typed ?? "";
  typed = null;
  return kept;
}
