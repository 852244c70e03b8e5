import { type RefObject, useEffect, useRef } from "react";

/**
 * For a line of tabs or links that scrolls sideways where there is no room: the chosen one is brought into sight, and
 * `data-before` and `data-after` say at which ends there is more. `chosen` is what is open; `selector` finds it.
 */
export function useStrip<E extends HTMLElement>(chosen: string, selector: string): RefObject<E | null> {
  const strip = useRef<E>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: whenever another one is chosen
  useEffect(() => {
    const line = strip.current;
    if (!line) return;
    const tell = () => {
      line.toggleAttribute("data-before", line.scrollLeft > 1);
      line.toggleAttribute("data-after", line.scrollLeft + line.clientWidth < line.scrollWidth - 1);
    };
    const bring = () => {
      const one = line.querySelector<HTMLElement>(selector);
      // Not scrollIntoView: that would scroll the page too.
      if (one) line.scrollLeft = one.offsetLeft - (line.clientWidth - one.offsetWidth) / 2;
      tell();
    };
    bring();
    const sizes = new ResizeObserver(bring);
    sizes.observe(line);
    line.addEventListener("scroll", tell, { passive: true });
    return () => {
      sizes.disconnect();
      line.removeEventListener("scroll", tell);
    };
  }, [chosen, selector]);
  return strip;
}
