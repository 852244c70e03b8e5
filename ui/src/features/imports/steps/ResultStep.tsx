import { Button } from "@mantine/core";
import { IconArrowBackUp, IconUsers } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { isOpen, type Job, JobActions, JobFileRow, JobProgress, useJob, useStarted } from "@/features/jobs";
import { failureText, formatNumber, RowsSkeleton } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import { IMPORT, IMPORTS, type Import, ROWS } from "../addresses";
import classes from "../Imports.module.css";
import { type Outcome, OutcomeCounts, OutcomeRows } from "../Outcome";

/** What the run did, and the way back. */
export function ResultStep({ source }: { source: Import }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const client = useQueryClient();
  const run = useJob(source.run).data;
  const undo = useJob(source.undo).data;
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const ended = [run, undo].map((job) => (job && !isOpen(job) ? job.finished_at : null)).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: when one has ended, all that it says is new
  useEffect(() => {
    for (const path of [IMPORT, ROWS]) void client.invalidateQueries({ queryKey: [path] });
  }, [ended]);
  if (!run || (source.undo && !undo)) return <RowsSkeleton rows={4} />;
  return (
    <div className={classes.body}>
      {undo && <Undone source={source} undo={undo} />}
      {isOpen(run) && (
        <>
          <p className={classes.text}>{t("result.going")}</p>
          <JobProgress job={run} />
          <div>
            <JobActions job={run} />
          </div>
        </>
      )}
      {(run.state === "failed" || run.state === "cancelled") && (
        <>
          <p className={classes.problem} role="alert">
            {failureText(run) || t("result.cancelled")} {t("result.partly")}
          </p>
          {!undo && (
            <div>
              <JobActions job={run} />
            </div>
          )}
        </>
      )}
      {run.state === "done" && !undo && (
        <p className={classes.good} role="status">
          {t("result.done")}
        </p>
      )}
      {!isOpen(run) && (
        <>
          <OutcomeCounts job={run} value={outcome} onChange={setOutcome} />
          <div style={{ display: "flex", flexWrap: "wrap", gap: 8 }}>
            {run.state === "done" && (
              <Button
                variant="default"
                leftSection={<IconUsers size={14} stroke={1.7} />}
                renderRoot={(props) => (
                  <Link to="/w/$slug/people" params={{ slug }} search={{ sort: "-created_at" }} {...props} />
                )}
              >
                {t("result.people")}
              </Button>
            )}
            {!undo && <Undo source={source} />}
          </div>
          {run.files.map((file) => (
            <JobFileRow key={file.id} file={file} />
          ))}
          <OutcomeRows id={source.id} phase="run" outcome={outcome} label={t("result.rows")} />
        </>
      )}
    </div>
  );
}

function Undo({ source }: { source: Import }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const started = useStarted();
  const [asking, setAsking] = useState(false);
  const undo = useWrite("post", `${IMPORT}/undo`, {
    refresh: [IMPORT, IMPORTS],
    onSuccess: (job) => {
      started(job);
      setAsking(false);
    },
  });
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={15} stroke={1.7} />}
        onClick={() => setAsking(true)}
      >
        {t("undo.open")}
      </Button>
      <Confirm
        opened={asking}
        title={t("undo.title", { name: source.name })}
        text={t("undo.text")}
        action={t("undo.action")}
        busy={undo.isPending}
        close={() => setAsking(false)}
        confirm={() => undo.mutate({ params: { path: { slug, import_id: source.id } } })}
      />
    </>
  );
}

/** How the undo is going, and what it has left as it is because somebody changed it since. */
function Undone({ source, undo }: { source: Import; undo: Job }) {
  const { t } = useTranslation("imports");
  const counts = (undo.result.counts ?? {}) as Partial<Record<string, number>>;
  const kept = counts.kept ?? 0;
  if (isOpen(undo)) {
    return (
      <>
        <p className={classes.text}>{t("undo.going")}</p>
        <JobProgress job={undo} />
      </>
    );
  }
  return (
    <section>
      {undo.state === "done" ? (
        <p className={classes.good} role="status">
          {t("undo.done", { count: counts.taken_back ?? 0, number: formatNumber(counts.taken_back ?? 0) })}
        </p>
      ) : (
        <>
          <p className={classes.problem} role="alert">
            {failureText(undo) || t("undo.cancelled")}
          </p>
          <JobActions job={undo} />
        </>
      )}
      {kept > 0 && (
        <>
          <h2 className={classes.heading} style={{ marginTop: 16 }}>
            {t("undo.kept", { count: kept, number: formatNumber(kept) })}
          </h2>
          <OutcomeRows id={source.id} phase="undo" outcome="kept" label={t("undo.keptRows")} />
        </>
      )}
    </section>
  );
}
