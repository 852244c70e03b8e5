import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { isOpen, JobActions, JobFileRow, JobProgress, useJob, useStarted } from "@/features/jobs";
import { failureText, formatNumber, RowsSkeleton } from "@/shared";
import { IMPORT, IMPORTS, type Import, ROWS } from "../addresses";
import classes from "../Imports.module.css";
import { type Outcome, OutcomeCounts, OutcomeRows } from "../Outcome";
import type { Step } from "../routes";
import { Foot } from "./step";

/** What would become of each row, before anybody is changed. */
export function RehearsalStep({ source, go }: { source: Import; go: (step: Step) => void }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const client = useQueryClient();
  const started = useStarted();
  const job = useJob(source.rehearsal).data;
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const params = { path: { slug, import_id: source.id } };
  const refresh = [IMPORT, IMPORTS, ROWS] as const;
  const rehearse = useWrite("post", `${IMPORT}/rehearse`, { meta: { quiet: true }, refresh, onSuccess: started });
  const run = useWrite("post", `${IMPORT}/run`, {
    meta: { quiet: true },
    refresh,
    onSuccess: (made) => {
      started(made);
      go("result");
    },
  });
  const ended = job && !isOpen(job) ? job.finished_at : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: when it has ended, all that it says is new
  useEffect(() => {
    for (const path of [IMPORT, ROWS]) void client.invalidateQueries({ queryKey: [path] });
  }, [ended]);
  const isGood = source.state === "rehearsed";
  const hasRun = source.run !== null;
  const counts = (job?.result.counts ?? {}) as Partial<Record<string, number>>;
  const rows = (counts.created ?? 0) + (counts.updated ?? 0);
  const joining = counts.would_join ?? 0;
  const does = rows ? "rehearsal.run" : "rehearsal.join";
  const size = rows || joining;
  return (
    <>
      <div className={classes.body}>
        {!job && <RowsSkeleton rows={3} />}
        {job && isOpen(job) && (
          <>
            <p className={classes.text}>{t("rehearsal.going")}</p>
            <JobProgress job={job} />
            <div>
              <JobActions job={job} />
            </div>
          </>
        )}
        {job && (job.state === "failed" || job.state === "cancelled") && (
          <p className={classes.problem} role="alert">
            {failureText(job) || t("rehearsal.cancelled")}
          </p>
        )}
        {job?.state === "done" && (
          <>
            {hasRun ? (
              <p className={classes.text}>{t("rehearsal.was")}</p>
            ) : isGood ? (
              <p className={classes.good} role="status">
                {t("rehearsal.done")}
              </p>
            ) : (
              <p className={classes.note}>{t("rehearsal.stale")}</p>
            )}
            <OutcomeCounts job={job} value={outcome} onChange={setOutcome} />
            {!hasRun && isGood && counts.would_join !== undefined && (
              <p className={classes.text}>
                {t("rehearsal.joining", { count: joining, number: formatNumber(joining) })}
              </p>
            )}
            {job.files.map((file) => (
              <JobFileRow key={file.id} file={file} />
            ))}
            <OutcomeRows id={source.id} phase="rehearsal" outcome={outcome} label={t("rehearsal.rows")} />
          </>
        )}
      </div>
      {!hasRun && (
        <Foot onBack={() => go("rules")} error={run.error ?? rehearse.error}>
          {job && !isOpen(job) && (
            <Button
              variant={isGood ? "default" : "filled"}
              loading={rehearse.isPending}
              onClick={() => rehearse.mutate({ params })}
            >
              {t("rehearsal.again")}
            </Button>
          )}
          {isGood && (
            <Button loading={run.isPending} disabled={!size} onClick={() => run.mutate({ params })}>
              {t(size ? does : "rehearsal.run", { count: size, number: formatNumber(size) })}
            </Button>
          )}
        </Foot>
      )}
    </>
  );
}
