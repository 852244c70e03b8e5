/** Says a text to screen readers, politely: counts that changed, work that is done. */
export function announce(text: string): void {
  const region = document.getElementById("announcer");
  if (!region) return;
  region.textContent = "";
  // The same text twice is only read again when the region was empty in between.
  requestAnimationFrame(() => {
    region.textContent = text;
  });
}
