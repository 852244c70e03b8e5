import { useSyncExternalStore } from "react";
import { currentLanguage, i18n } from "@/i18n";
import { formatAgo, formatTime } from "./format";

// One clock for all: a list of a thousand times sets one timer.
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function tell(): void {
  for (const each of listeners) each();
}
// Another language says it in other words.
i18n.on("languageChanged", tell);

function follow(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    tell();
  }, 30_000);
  return () => {
    listeners.delete(listener);
    if (!listeners.size) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** "3 days ago", kept current; the exact time, in `zone`, on hover. */
export function RelativeTime({ at, zone }: { at: string; zone?: string }) {
  useSyncExternalStore(follow, () => `${currentLanguage()} ${now}`);
  return (
    <time dateTime={at} title={formatTime(at, zone)} className="numbers">
      {formatAgo(at, Math.max(now, Date.now() - 30_000))}
    </time>
  );
}
