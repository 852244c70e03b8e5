const AGAIN_MS = 10_000;

interface StreamOptions {
  /** By the name of an event: what to do with its data. */
  on: Readonly<Record<string, (data: unknown) => void>>;
  /** Events may have been missed: the page was not looked at, or the server could not be reached. */
  missed: () => void;
}

/**
 * Follows the server-sent events of an address until the returned function is called, and only while the page is
 * looked at: browsers open six connections to a server, and pages in the background must not hold them.
 */
export function followStream(address: string, { on, missed }: StreamOptions): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    const opened = new EventSource(address);
    source = opened;
    for (const [name, tell] of Object.entries(on)) {
      opened.addEventListener(name, (event) => tell(JSON.parse((event as MessageEvent<string>).data)));
    }
    opened.addEventListener("error", () => {
      // The browser tries again by itself, unless the server refused.
      if (source !== opened || opened.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(again, AGAIN_MS);
    });
  };
  const again = () => {
    open();
    missed();
  };
  const turned = () => {
    if (document.visibilityState === "hidden") close();
    else if (!source) again();
  };
  if (document.visibilityState !== "hidden") open();
  document.addEventListener("visibilitychange", turned);
  return () => {
    document.removeEventListener("visibilitychange", turned);
    close();
  };
}

type Told<Args extends unknown[]> = (...args: Args) => void;

/**
 * One connection for all who listen in a workspace, since a browser has few to one server: opened for the first, ended
 * with the last. What is returned follows a workspace and gives back how to stop.
 */
export function sharedStream<Args extends unknown[]>(
  open: (slug: string, say: Told<Args>) => () => void,
): (slug: string, listener: Told<Args>) => () => void {
  const lines = new Map<string, { end: () => void; listeners: Set<Told<Args>> }>();
  return (slug, listener) => {
    let line = lines.get(slug);
    if (!line) {
      const listeners = new Set<Told<Args>>();
      const say = (...args: Args) => {
        for (const each of [...listeners]) each(...args);
      };
      line = { end: open(slug, say), listeners };
      lines.set(slug, line);
    }
    const { listeners } = line;
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size) return;
      lines.get(slug)?.end();
      lines.delete(slug);
    };
  };
}
