/** Where to go after logging in: a path of ours, and nothing that a browser takes for another host. */
export function safeNext(next: unknown): string | undefined {
  return typeof next === "string" && /^\/(?![/\\])/.test(next) ? next : undefined;
}
