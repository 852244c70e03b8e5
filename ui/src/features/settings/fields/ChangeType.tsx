import { Button, Select } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Schemas, useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { isOpen, type Job, JobActions, JobProgress, useJob, useStarted } from "@/features/jobs";
import { failureText, messageOf, notifyDone } from "@/shared";
import settings from "../Settings.module.css";
import { Report, type Result, resultOf } from "./Report";
import { STALE, TYPES, useTypes } from "./types";

const TYPE = "/api/v1/workspaces/{slug}/attributes/{attribute}/type";
const REFRESH = [
  ...STALE,
  "/api/v1/workspaces/{slug}/attributes/rejected",
  "/api/v1/workspaces/{slug}/people",
] as const;

/** Another type for a custom field: first a report of what would not convert, then the change. */
export function ChangeType({ attribute }: { attribute: Schemas["AttributeOut"] }) {
  const { t } = useTranslation("settings");
  const slug = useSlug();
  const types = useTypes();
  const started = useStarted();
  const [type, setType] = useState(attribute.type);
  const params = { path: { slug, attribute: attribute.id } };
  const follow = ({ job }: Schemas["TypeReportOut"]) => job && started(job);
  const look = useWrite("post", TYPE, { meta: { quiet: true }, onSuccess: follow });
  const isDone = () => {
    look.reset();
    notifyDone(t("typeChange.done", { field: attribute.label, type: t(`type.${type}`) }));
  };
  const apply = useWrite("post", TYPE, {
    meta: { quiet: true },
    refresh: REFRESH,
    onSuccess: (answer) => {
      if (answer.job) follow(answer);
      else isDone();
    },
  });
  const looking = useJob(look.data?.job?.id).data;
  const changing = useChange(apply.data?.job?.id, isDone);
  const error = look.error ?? apply.error;
  const result: Result | null = type === attribute.type || !look.data ? null : resultOf(look.data, looking);
  const isBusy = [looking, changing].some((job) => job !== undefined && isOpen(job));
  return (
    <div className={settings.form} data-bare>
      <Select
        label={t("fields.type")}
        description={t("typeChange.text")}
        allowDeselect={false}
        disabled={isBusy}
        data={types}
        value={type}
        onChange={(value) => {
          const next = TYPES.find((each) => each === value) ?? attribute.type;
          setType(next);
          apply.reset();
          if (next === attribute.type) look.reset();
          else look.mutate({ params, body: { type: next, dry_run: true } });
        }}
      />
      <div role="alert">
        {error && <p className={settings.problem}>{messageOf(error)}</p>}
        <Ended job={looking} />
        <Ended job={changing} />
      </div>
      <Going job={looking} text={t("typeChange.looking")} />
      <Going job={changing} text={t("typeChange.changing")} />
      <div role="status">{result && <Report result={result} />}</div>
      {result && !isBusy && (
        <div className={settings.buttons}>
          <Button
            {...(result.rejected > 0 && { color: "red" })}
            loading={apply.isPending}
            onClick={() => apply.mutate({ params, body: { type, dry_run: false, rehearsal: looking?.id ?? null } })}
          >
            {t("typeChange.apply")}
          </Button>
        </div>
      )}
    </div>
  );
}

/** The job that changes the type, followed to its end: then all that shows the field is read anew. */
function useChange(id: string | undefined, onDone: () => void): Job | undefined {
  const client = useQueryClient();
  const job = useJob(id).data;
  const told = useRef<string | null>(null);
  useEffect(() => {
    if (!job || isOpen(job) || told.current === job.id) return;
    told.current = job.id;
    for (const path of REFRESH) void client.invalidateQueries({ queryKey: [path] });
    if (job.state === "done") onDone();
  });
  return job;
}

function Going({ job, text }: { job: Job | undefined; text: string }) {
  if (!job || !isOpen(job)) return null;
  return (
    <>
      <p className={settings.quiet}>{text}</p>
      <JobProgress job={job} />
      <div>
        <JobActions job={job} />
      </div>
    </>
  );
}

function Ended({ job }: { job: Job | undefined }) {
  const { t } = useTranslation("settings");
  if (job?.state !== "failed" && job?.state !== "cancelled") return null;
  return <p className={settings.problem}>{failureText(job) || t("typeChange.cancelled")}</p>;
}
