/** What the audit log holds; an action that is not here is shown by its own name. */
export const ACTIONS = [
  "attribute.changed",
  "attribute.created",
  "attribute.deleted",
  "attribute.restored",
  "export_destination.changed",
  "export_destination.checked",
  "export_destination.created",
  "export_destination.removed",
  "export_schedule.changed",
  "export_schedule.created",
  "export_schedule.paused",
  "export_schedule.removed",
  "export_schedule.run",
  "file.downloaded",
  "hold.changed",
  "hold.ended",
  "hold.set",
  "import.removed",
  "import.uploaded",
  "job.cancelled",
  "job.failed",
  "job.finished",
  "job.retried",
  "job.started",
  "key.created",
  "key.revoked",
  "login.failed",
  "login.ok",
  "logout",
  "member.added",
  "member.removed",
  "member.role_changed",
  "merge_suggestion.dismissed",
  "merge_suggestion.reopened",
  "people.ban_changed",
  "people.deleted",
  "people.erased",
  "people.erasure_asked",
  "person.banned",
  "person.copied",
  "person.deleted",
  "person.merged",
  "person.unbanned",
  "person.unmerged",
  "retention.dropped",
  "retention.set",
  "segment.changed",
  "segment.created",
  "segment.deleted",
  "segment.hidden",
  "segment.members_changed",
  "tombstone.lifted",
  "workspace.changed",
  "workspace.created",
] as const;

/** Jobs as the log names them. */
export const JOBS = [
  "import.rehearse",
  "import.run",
  "import.undo",
  "export",
  "export.scheduled",
  "bulk.change",
  "bulk.members",
  "bulk.delete",
  "bulk.undo",
  "fields.check_type",
  "fields.change_type",
  "fields.reapply",
  "people.find_same",
  "privacy.copy",
  "privacy.erase",
  "privacy.retain",
] as const;

/** An id that says nothing to a reader: it stays in the entry's title. */
export function isId(text: string): boolean {
  return /^([a-z]+_[0-9a-z]{20,}|(attribute|suggestion):\d+)$/.test(text);
}

/** An instant as the API writes it. */
export function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(text);
}

/** How a reader is told of a detail: its name, and a value that is a word of ours; both as they are without words. */
export interface DetailWords {
  key: (key: string) => string;
  value: (key: string, value: string | boolean) => string;
}

/** The details of an entry in one line: `role: Admin · scopes: people:read, people:write`. */
export function detailsOf(details: Readonly<Record<string, unknown>>, words: DetailWords): string {
  const lineOf = (key: string, value: unknown): string => {
    if (value === null || value === undefined) return "";
    if (Array.isArray(value)) return value.map((each) => lineOf(key, each)).join(", ");
    if (typeof value === "string" || typeof value === "boolean") return words.value(key, value);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  };
  return Object.entries(details)
    .map(([key, value]) => [key, lineOf(key, value)] as const)
    .filter(([, text]) => text !== "")
    .map(([key, text]) => `${words.key(key)}: ${text}`)
    .join(" · ");
}
