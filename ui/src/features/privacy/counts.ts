/** What an erasure has removed, as people say it: tables and files in groups, in the order of the words. */
export type Group = "profiles" | "identities" | "events" | "notes" | "files" | "other";

const GROUPS: Readonly<Record<string, Group>> = {
  people_person: "profiles",
  people_identity: "identities",
  "events of the log": "events",
  people_note: "notes",
  "files.upload": "files",
  "files.table": "files",
  "files.errors": "files",
  "files.export": "files",
  "files.copy": "files",
};
const ORDER: readonly Group[] = ["profiles", "identities", "events", "notes", "files", "other"];
// The same rows once more, as the index and the log hold them.
const REPEATED = /^index\.|^people_change$/;

/** How much of each group was removed; groups of which nothing was are left out. */
export function groupsOf(counts: Readonly<Record<string, number>>): { group: Group; count: number }[] {
  const sums = new Map<Group, number>();
  for (const [name, count] of Object.entries(counts)) {
    if (REPEATED.test(name)) continue;
    const group = (Object.hasOwn(GROUPS, name) ? GROUPS[name] : undefined) ?? "other";
    sums.set(group, (sums.get(group) ?? 0) + count);
  }
  return ORDER.map((group) => ({ group, count: sums.get(group) ?? 0 })).filter(({ count }) => count > 0);
}
