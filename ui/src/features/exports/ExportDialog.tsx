import { Button, Modal, ScrollArea, SegmentedControl, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useFields, useSlug } from "@/app/workspace";
import { useStarted } from "@/features/jobs";
import { formatNumber, messageOf, notifyDone } from "@/shared";
import { ChosenFields } from "@/shared/ChosenFields";
import { moved } from "@/shared/order";
import { SCHEDULE, SCHEDULES, type Schedule } from "./addresses";
import classes from "./Exports.module.css";
import { DAILY, Repeat, type Repeated, repeatedOf, timesOf } from "./Repeat";
import { chosenOf, EVERYONE, type Whom, WhomField, whomOf } from "./Whom";

/** Whom to export: some by their numbers, those of a filter but a few, or the members of a segment. */
export type Exported = { numbers: number[] } | { where: string; except: number[] } | { segment: string };

export interface ExportProps {
  /** Without it, the dialog asks. */
  people?: Exported;
  /** How many they are, where that is known. */
  count?: number | undefined;
  /** Names of the fields to begin with; otherwise those that the workspace shows. */
  columns?: readonly string[];
  /** Whether a schedule is made in any case. */
  repeated?: boolean;
  /** The schedule that is changed. */
  schedule?: Schedule;
  onClose: () => void;
}

const NUMBER = "number";
const FORMATS = ["csv", "xlsx"] as const;

/** Asks which columns in which order and in which format, and starts an export, or makes or changes a schedule. */
export default function ExportDialog(props: ExportProps) {
  const { people, count, schedule, columns = schedule?.columns, repeated = false, onClose } = props;
  const { t } = useTranslation(["exports", "common"]);
  const slug = useSlug();
  const navigate = useNavigate();
  const fields = useFields();
  const started = useStarted();
  const [chosen, setChosen] = useState<readonly string[] | null>(columns?.length ? [...columns] : null);
  const [format, setFormat] = useState<(typeof FORMATS)[number]>(schedule?.format ?? "csv");
  const [name, setName] = useState(schedule?.name ?? "");
  const before = schedule ? whomOf(schedule) : EVERYONE;
  const [whom, setWhom] = useState<Whom>(before);
  const [repeat, setRepeat] = useState<Repeated | null>(schedule ? repeatedOf(schedule) : repeated ? DAILY : null);
  const shown = chosen ?? [NUMBER, ...fields.filter(({ visible }) => visible).map((field) => field.name)];
  const start = useWrite("post", "/api/v1/workspaces/{slug}/exports", {
    meta: { quiet: true },
    onSuccess: (job) => {
      started(job);
      notifyDone(t("started"), {
        action: { label: t("toExports"), run: () => void navigate({ to: "/w/$slug/exports", params: { slug } }) },
      });
      onClose();
    },
  });
  const plan = useWrite("post", SCHEDULES, {
    refresh: [SCHEDULES],
    meta: { quiet: true },
    onSuccess: () => {
      notifyDone(t("planned"), {
        action: {
          label: t("showPlans"),
          run: () => void navigate({ to: "/w/$slug/exports", params: { slug }, search: { show: "schedules" } }),
        },
      });
      onClose();
    },
  });
  const change = useWrite("patch", SCHEDULE, {
    refresh: [SCHEDULES],
    meta: { quiet: true },
    onSuccess: ({ name }) => {
      notifyDone(t("row.saved", { name }));
      onClose();
    },
  });
  // Numbers chosen now would be the same for ever.
  const mayRepeat = people === undefined || !("numbers" in people);
  const error = start.error ?? plan.error ?? change.error;
  const about = people ?? chosenOf(whom);
  const isSame = JSON.stringify(whom) === JSON.stringify(before);
  const isReady =
    shown.length > 0 &&
    (about !== null || (schedule !== undefined && isSame)) &&
    (repeat === null || (repeat.destination !== null && repeat.at !== "" && name.trim() !== ""));
  const asked = count === undefined ? t("dialog.title") : t("dialog.titleOf", { count, number: formatNumber(count) });
  const title = schedule ? t("row.editOf", { name: schedule.name }) : repeated ? t("schedules.new") : asked;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const params = { path: { slug } };
    const body = { ...about, columns: [...shown], format };
    if (repeat?.destination) {
      const when = { name: name.trim(), destination: repeat.destination, ...timesOf(repeat) };
      if (schedule) {
        const columns = [...(chosen ?? [])];
        const changed = {
          ...changes(schedule, { ...when, format, columns }),
          ...(about && !isSame && { export: { ...about, columns, format, name: "" } }),
        };
        if (!Object.keys(changed).length) onClose();
        else change.mutate({ params: { path: { slug, schedule: schedule.id } }, body: changed });
      } else {
        plan.mutate({ params, body: { ...when, export: { ...body, name: "" } } });
      }
    } else {
      start.mutate({ params, body: { ...body, name: name.trim() } });
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={people === undefined ? "lg" : "md"}>
      <form className={classes.form} onSubmit={submit}>
        {people === undefined && <WhomField value={whom} onChange={setWhom} />}
        <section aria-label={t("dialog.columns")}>
          <p className={classes.label}>{t("dialog.columns")}</p>
          <ScrollArea.Autosize mah="min(300px, 40vh)" type="auto" offsetScrollbars="y" className={classes.fields ?? ""}>
            <ChosenFields
              fields={[{ name: NUMBER, label: t("dialog.number") }, ...fields]}
              chosen={shown}
              onMove={(from, to) => setChosen(moved(shown, from, to))}
              onToggle={(field) =>
                setChosen(shown.includes(field) ? shown.filter((each) => each !== field) : [...shown, field])
              }
            />
          </ScrollArea.Autosize>
        </section>
        <SegmentedControl
          size="xs"
          aria-label={t("dialog.format")}
          data={FORMATS.map((value) => ({ value, label: t(`format.${value}`) }))}
          value={format}
          onChange={(value) => setFormat(value === "xlsx" ? "xlsx" : "csv")}
        />
        {mayRepeat && <Repeat value={repeat} onChange={setRepeat} always={repeated} />}
        <TextInput
          label={t(repeat ? "dialog.planName" : "dialog.name")}
          placeholder={repeat ? "" : t("dialog.namePlaceholder")}
          maxLength={120}
          value={name}
          onChange={({ currentTarget: { value } }) => setName(value)}
        />
        <p className={classes.text}>{t(schedule ? "dialog.changing" : repeat ? "dialog.rights" : "dialog.formulas")}</p>
        <div role="alert">{error && <p className={classes.problem}>{messageOf(error)}</p>}</div>
        <div className={classes.foot}>
          <Button variant="default" onClick={onClose}>
            {t("common:actions.cancel")}
          </Button>
          <Button type="submit" loading={start.isPending || plan.isPending || change.isPending} disabled={!isReady}>
            {t(schedule ? "common:actions.save" : repeat ? "dialog.plan" : "dialog.start")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What differs from before: who changes only the name does not become the owner. */
function changes(before: Schedule, after: Partial<Schedule>): Partial<Schedule> {
  const differs = (name: string) =>
    JSON.stringify(after[name as keyof Schedule]) !== JSON.stringify(before[name as keyof Schedule]);
  return Object.fromEntries(Object.entries(after).filter(([name]) => differs(name)));
}
