import { ActionIcon } from "@mantine/core";
import { IconChevronRight, IconTrash } from "@tabler/icons-react";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSlug } from "@/app/workspace";
import { ErrorState, notifyDone, PageHeader, RowsSkeleton } from "@/shared";
import { Confirm } from "@/shared/Confirm";
import { IMPORT, IMPORTS, type Import } from "./addresses";
import classes from "./Imports.module.css";
import { STEPS, type Step } from "./routes";
import { ColumnsStep } from "./steps/ColumnsStep";
import { FileStep } from "./steps/FileStep";
import { RehearsalStep } from "./steps/RehearsalStep";
import { ResultStep } from "./steps/ResultStep";
import { RulesStep } from "./steps/RulesStep";
import { useDraft } from "./useDraft";
import { useImport } from "./useImport";

const route = getRouteApi("/w/$slug/tools/imports/$import");

/** One import, step by step; the address says which import and which step. */
export function ImportPage() {
  const { t } = useTranslation("imports");
  const { slug, import: id } = route.useParams();
  const query = useImport(id);
  return (
    <>
      <nav className={classes.path} aria-label={t("title")}>
        <Link to="/w/$slug/imports" params={{ slug }}>
          {t("title")}
        </Link>
        <IconChevronRight size={13} aria-hidden="true" />
      </nav>
      {query.isPending && <RowsSkeleton rows={6} />}
      {query.isError && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {query.data && <Loaded key={id} source={query.data} />}
    </>
  );
}

/** The steps that can be gone to: after the run only its result, before it those whose ground is laid. */
export function openSteps(source: Pick<Import, "run" | "plan" | "rehearsal">): readonly Step[] {
  if (source.run) return ["rehearsal", "result"];
  return source.rehearsal && source.plan ? ["file", "columns", "rules", "rehearsal"] : ["file", "columns", "rules"];
}

function nextStep(source: Import): Step {
  if (source.run) return "result";
  if (source.rehearsal) return "rehearsal";
  return source.plan ? "rules" : "file";
}

function Loaded({ source }: { source: Import }) {
  const { step: asked } = route.useSearch();
  const navigate = route.useNavigate();
  const [draft, setDraft] = useDraft(source);
  const open = openSteps(source);
  const step = asked && open.includes(asked) ? asked : nextStep(source);
  const go = (next: Step) => {
    void navigate({ search: { step: next } });
    document.getElementById("main")?.scrollTo(0, 0);
  };
  const shared = { source, draft, onDraft: setDraft, go };
  return (
    <>
      <PageHeader title={source.name} actions={<Remove source={source} />} />
      <Steps current={step} open={open} />
      {step === "file" && <FileStep {...shared} />}
      {step === "columns" && <ColumnsStep {...shared} />}
      {step === "rules" && <RulesStep {...shared} />}
      {step === "rehearsal" && <RehearsalStep source={source} go={go} />}
      {step === "result" && <ResultStep source={source} />}
    </>
  );
}

function Steps({ current, open }: { current: Step; open: readonly Step[] }) {
  const { t } = useTranslation("imports");
  const params = route.useParams();
  const at = STEPS.indexOf(current);
  return (
    <nav aria-label={t("steps")}>
      <ol className={classes.steps}>
        {STEPS.map((step, place) => {
          const words = (
            <>
              {place + 1} <span>{t(`step.${step}`)}</span>
            </>
          );
          return (
            <li key={step}>
              {open.includes(step) ? (
                <Link
                  to="/w/$slug/imports/$import"
                  params={params}
                  search={{ step }}
                  className={classes.step}
                  data-done={place < at || undefined}
                  aria-current={step === current ? "step" : undefined}
                >
                  {words}
                </Link>
              ) : (
                <span className={classes.step} aria-disabled="true">
                  {words}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </nav>
  );
}

/** Removes an import with its file and the outcome of its rows. */
function Remove({ source }: { source: Import }) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const remove = useWrite("delete", IMPORT, {
    refresh: [IMPORTS],
    onSuccess: () => {
      notifyDone(t("remove.done", { name: source.name }));
      void navigate({ to: "/w/$slug/imports", params: { slug } });
    },
  });
  return (
    <>
      <ActionIcon aria-label={t("remove.label")} onClick={() => setAsking(true)}>
        <IconTrash size={16} stroke={1.7} />
      </ActionIcon>
      <Confirm
        opened={asking}
        title={t("remove.title", { name: source.name })}
        text={t(source.run ? "remove.textRun" : "remove.text")}
        action={t("remove.label")}
        busy={remove.isPending}
        close={() => setAsking(false)}
        confirm={() => remove.mutate({ params: { path: { slug, import_id: source.id } } })}
      />
    </>
  );
}
