import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call, type Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { type Job, useStarted } from "@/features/jobs";
import type { Hidden } from "@/features/segments";
import { formatNumber, notifyDone, notifyProblem, reasonText } from "@/shared";
import type { T } from "../filter/words";

const CHANGE = "/api/v1/workspaces/{slug}/people/bulk/change";
const MEMBERS = "/api/v1/workspaces/{slug}/people/bulk/members";
const DELETE = "/api/v1/workspaces/{slug}/people/bulk/delete";
const UNDO = "/api/v1/workspaces/{slug}/bulk/undo/{undo}";
const SEGMENTS = "/api/v1/workspaces/{slug}/segments";

type Done = Schemas["BulkOut"];
type Selected = Schemas["SelectionBody"];
type Change = Omit<Partial<Schemas["BulkChangeBody"]>, "selection">;

/** What is done to the selected people. */
export type Act =
  | ({ kind: "change" } & Change)
  | { kind: "members"; segments: readonly string[]; action: "add" | "remove" }
  | { kind: "newSegment"; name: string; hidden: Hidden }
  | { kind: "delete" };

/** What came of one or several requests, and what takes them back; `jobs` do what is too much for a request. */
interface Outcome extends Pick<Done, "changed" | "unchanged" | "failed" | "failures"> {
  undo: readonly string[];
  jobs: readonly Job[];
}

/** The same people put into several segments: one outcome of all. */
export function together(all: readonly Outcome[]): Outcome {
  const most = (key: "changed" | "failed") => Math.max(0, ...all.map((each) => each[key]));
  return {
    changed: most("changed"),
    failed: most("failed"),
    unchanged: Math.min(...all.map(({ unchanged }) => unchanged)),
    failures: all.flatMap(({ failures }) => failures),
    undo: all.flatMap(({ undo }) => undo),
    jobs: all.flatMap(({ jobs }) => jobs),
  };
}

function outcomeOf({ undo, job, ...done }: Done): Outcome {
  return { ...done, undo: undo === null ? [] : [undo], jobs: job === null ? [] : [job] };
}

/** Does something to all selected people, says what came of it, and can take it back for a while. */
export function useBulk() {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const client = useQueryClient();
  const started = useStarted();
  const [busy, setBusy] = useState(false);
  const path = { slug };
  const refresh = () =>
    client.invalidateQueries({
      predicate: ({ queryKey: [name] }) => typeof name === "string" && name.startsWith("/api/v1/workspaces/{slug}/"),
    });

  const put = async (segment: string, action: "add" | "remove", selection: Selected) =>
    outcomeOf(await call("post", MEMBERS, { params: { path }, body: { selection, segment, action } }));

  const send = async (act: Act, selection: Selected): Promise<Outcome> => {
    switch (act.kind) {
      case "change": {
        const { kind: _, ...change } = act;
        const body = { selection, ...change } as Schemas["BulkChangeBody"];
        return outcomeOf(await call("post", CHANGE, { params: { path }, body }));
      }
      case "members": {
        const all: Outcome[] = [];
        for (const segment of act.segments) all.push(await put(segment, act.action, selection));
        return together(all);
      }
      case "newSegment": {
        const hidden = { roles: [...act.hidden.roles], users: [...act.hidden.users] };
        const body = { name: act.name, kind: "static" as const, description: "", people: [], hidden };
        const made = await call("post", SEGMENTS, { params: { path }, body });
        return put(made.id, "add", selection);
      }
      default:
        return outcomeOf(await call("post", DELETE, { params: { path }, body: { selection } }));
    }
  };

  const takeBack = async (tokens: readonly string[]) => {
    try {
      let changed = 0;
      for (const undo of tokens) {
        const done = await call("post", UNDO, { params: { path: { slug, undo } } });
        changed = Math.max(changed, done.changed);
      }
      await refresh();
      notifyDone(t("bulk.undone", { count: changed, number: formatNumber(changed) }));
    } catch (error) {
      notifyProblem(error);
    }
  };

  /** True when it was done, for all or for some. */
  const run = async (act: Act, selection: Selected): Promise<boolean> => {
    setBusy(true);
    try {
      const done = await send(act, selection);
      await refresh();
      const { undo, jobs } = done;
      for (const job of jobs) started(job);
      notifyDone(wordsOf(t, done), undo.length ? { undo: () => void takeBack(undo) } : {});
      return true;
    } catch (error) {
      notifyProblem(error);
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { run, busy };
}

const MOST_REASONS = 5;

/** Why it failed, the commonest reason first, and for how many each; reasons beyond five are left out. */
export function reasonsOf(failures: Outcome["failures"]): { reason: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const reason of failures.map(reasonText)) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const all = [...counts].map(([reason, count]) => ({ reason, count }));
  return all.sort((one, two) => two.count - one.count).slice(0, MOST_REASONS);
}

function wordsOf(t: T, done: Outcome): string {
  // Of jobs nothing is known yet: their end is told when it comes.
  if (done.jobs.length) return t("bulk.started");
  const parts: string[] = [t("bulk.changed", { count: done.changed, number: formatNumber(done.changed) })];
  if (done.unchanged) parts.push(t("bulk.unchanged", { number: formatNumber(done.unchanged) }));
  if (done.failed) {
    const all = reasonsOf(done.failures);
    const reasons = all.map(({ reason, count }) => (all.length > 1 ? `${reason} (${formatNumber(count)})` : reason));
    parts.push(t("bulk.failed", { number: formatNumber(done.failed), reason: reasons.join("; ") }));
  }
  return parts.join(" ");
}
