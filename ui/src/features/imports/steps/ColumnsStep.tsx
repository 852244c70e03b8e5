import { Button, Progress, SegmentedControl, Select, Table, TextInput } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFields, useMay } from "@/app/workspace";
import { formatNumber } from "@/shared";
import type { FileColumn } from "../addresses";
import {
  type Choice,
  type FieldType,
  fitOf,
  isOnlyKey,
  keysOf,
  ONLY_KEYS,
  planOf,
  type Trouble,
  troubleOf,
  typeOf,
} from "../draft";
import classes from "../Imports.module.css";
import { Foot, type StepProps } from "./step";
import { usePlan } from "./usePlan";

const PAGE = 50;
const SAMPLES = 3;
const NOWHERE = " nowhere";
const NEW = " new";
const TYPES: readonly FieldType[] = ["text", "number", "boolean", "datetime", "date", "list"];
const SHOWN = ["all", "nowhere", "doubtful"] as const;

/** Which column of the file is which field, and which of them says who is who. */
export function ColumnsStep({ source, draft, onDraft, go }: StepProps) {
  const { t } = useTranslation("imports");
  const fields = useFields();
  const plan = usePlan(source);
  const [shown, setShown] = useState<(typeof SHOWN)[number]>("all");
  const [most, setMost] = useState(PAGE);
  const keys = keysOf(draft, source);
  const troubles = new Map(source.columns.map(({ place }) => [place, troubleOf(place, draft, source, fields)]));
  const wrong = source.columns.find(({ place }) => !["unfit", null].includes(troubles.get(place) ?? null));
  const key = draft.rules.key;
  const inTheWay = (): string | undefined => {
    if (!planOf(draft, source).columns.length) return t("columns.none");
    if (wrong) return t("columns.wrong", { header: wrong.header || t("columns.unnamed", { place: wrong.place }) });
    return key && !keys.includes(key) ? t("columns.noKey") : undefined;
  };
  const problem = inTheWay();
  const change = (place: number, choice: Choice) => {
    const next = { ...draft, columns: { ...draft.columns, [place]: choice } };
    const left = keysOf(next, source);
    // The key goes with its column; a field that was chosen as a key alone becomes it.
    const kept = isOnlyKey(choice.field) && choice.to === "field" ? choice.field : left.includes(key) ? key : "";
    onDraft({ ...next, rules: { ...next.rules, key: kept || left[0] || "" } });
  };
  const listed = source.columns.filter(({ place }) => {
    if (shown === "nowhere") return draft.columns[place]?.to === "nowhere";
    return shown === "all" || Boolean(troubles.get(place));
  });
  const count = (which: (typeof SHOWN)[number]) =>
    source.columns.filter(({ place }) =>
      which === "nowhere" ? draft.columns[place]?.to === "nowhere" : which === "all" || Boolean(troubles.get(place)),
    ).length;
  return (
    <>
      <div className={classes.body}>
        <div className={classes.grid}>
          <KeySelect
            keys={keys}
            value={key}
            onChange={(next) => onDraft({ ...draft, rules: { ...draft.rules, key: next } })}
          />
        </div>
        <SegmentedControl
          size="xs"
          style={{ alignSelf: "flex-start" }}
          aria-label={t("columns.shown")}
          data={SHOWN.map((value) => ({ value, label: t(`columns.${value}`, { number: formatNumber(count(value)) }) }))}
          value={shown}
          onChange={(value) => setShown(SHOWN.find((each) => each === value) ?? "all")}
        />
      </div>
      <Table.ScrollContainer minWidth={760} type="native" mt="sm">
        <Table aria-label={t("step.columns")} className={classes.table ?? ""} data-stack>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("columns.column")}</Table.Th>
              <Table.Th>{t("columns.samples")}</Table.Th>
              <Table.Th w={300}>{t("columns.target")}</Table.Th>
              <Table.Th w={150}>{t("columns.fit")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {listed.slice(0, most).map((column) => {
              const choice = draft.columns[column.place];
              return (
                choice && (
                  <ColumnRow
                    key={column.place}
                    column={column}
                    choice={choice}
                    trouble={troubles.get(column.place) ?? null}
                    onChoice={(next) => change(column.place, next)}
                  />
                )
              );
            })}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {listed.length > most && (
        <Button variant="default" m="sm" onClick={() => setMost(most + PAGE)}>
          {t("columns.more", { number: formatNumber(listed.length - most) })}
        </Button>
      )}
      <Foot onBack={() => go("file")} problem={problem} error={plan.error}>
        <Button
          disabled={Boolean(problem)}
          loading={plan.isPending}
          onClick={async () => {
            if (await plan.save(draft)) go("rules");
          }}
        >
          {t("next.rules")}
        </Button>
      </Foot>
    </>
  );
}

function KeySelect({ keys, value, onChange }: { keys: string[]; value: string; onChange: (key: string) => void }) {
  const { t } = useTranslation("imports");
  const nameOf = useNames();
  return (
    <Select
      label={t("key.label")}
      description={t(value ? "key.hint" : "key.noneHint")}
      inputWrapperOrder={["label", "input", "description"]}
      allowDeselect={false}
      data={[...keys.map((name) => ({ value: name, label: nameOf(name) })), { value: NOWHERE, label: t("key.none") }]}
      value={value || NOWHERE}
      onChange={(next) => onChange(next && next !== NOWHERE ? next : "")}
    />
  );
}

/** What fields are called, and what is no field but can be the key. */
function useNames(): (name: string) => string {
  const { t } = useTranslation("imports");
  const fields = useFields();
  const labels = useMemo(() => new Map(fields.map(({ name, label }) => [name, label])), [fields]);
  return (name) => {
    const only = ONLY_KEYS.find((each) => each === name);
    return only ? t(`only.${only}`) : labels.get(name) || name;
  };
}

interface RowProps {
  column: FileColumn;
  choice: Choice;
  trouble: Trouble | null;
  onChoice: (choice: Choice) => void;
}

function ColumnRow({ column, choice, trouble, onChoice }: RowProps) {
  const { t } = useTranslation("imports");
  const header = column.header || t("columns.unnamed", { place: column.place });
  return (
    <Table.Tr>
      <Table.Td data-cell="main">
        <span className={classes.title}>{header}</span>
        <div className={classes.quiet}>
          {column.filled ? t("columns.distinct", { number: formatNumber(column.distinct) }) : t("columns.empty")}
        </div>
      </Table.Td>
      <Table.Td data-cell="wide">
        <ul className={classes.samples}>
          {column.samples.slice(0, SAMPLES).map((sample) => (
            <li key={sample} className="truncate" title={sample}>
              {sample}
            </li>
          ))}
        </ul>
      </Table.Td>
      <Table.Td data-cell="wide">
        <Target column={column} header={header} choice={choice} trouble={trouble} onChoice={onChoice} />
      </Table.Td>
      <Table.Td data-cell="wide">
        <Fit column={column} choice={choice} />
      </Table.Td>
    </Table.Tr>
  );
}

interface TargetProps extends RowProps {
  header: string;
}

function Target({ column, header, choice, trouble, onChoice }: TargetProps) {
  const { t } = useTranslation(["imports", "settings"]);
  const fields = useFields();
  const mayMake = useMay("attributes:write");
  const type = typeOf(choice, fields);
  const known = new Set(fields.map(({ name }) => name));
  const options = useMemo(
    () => [
      { value: NOWHERE, label: t("target.nowhere") },
      ...(mayMake ? [{ value: NEW, label: t("target.new") }] : []),
      {
        group: t("target.fields"),
        items: fields.filter(({ importable }) => importable).map(({ name, label }) => ({ value: name, label })),
      },
      {
        group: t("target.onlyKeys"),
        items: ONLY_KEYS.filter((name) => !fields.some((field) => field.name === name)).map((name) => ({
          value: name,
          label: t(`only.${name}`),
        })),
      },
    ],
    [fields, mayMake, t],
  );
  const choose = (value: string | null) => {
    if (value === NOWHERE || value === null) onChoice({ ...choice, to: "nowhere", field: "" });
    else if (value === NEW) {
      const free = known.has(column.header) ? "" : column.header.slice(0, 200);
      const suggested = column.suggestion?.exists === false ? column.suggestion : null;
      onChoice({
        ...choice,
        to: "new",
        field: suggested?.field ?? free,
        type: suggested?.type ?? bestType(column),
        label: column.header.slice(0, 200),
      });
    } else onChoice({ ...choice, to: "field", field: value });
  };
  const wrong = trouble && trouble !== "unfit" ? t(`trouble.${trouble}`) : undefined;
  return (
    <div className={classes.target}>
      <Select
        size="xs"
        aria-label={t("target.label", { header })}
        data={options}
        searchable
        allowDeselect={false}
        maxDropdownHeight={320}
        value={choice.to === "nowhere" ? NOWHERE : choice.to === "new" ? NEW : choice.field}
        onChange={choose}
        error={choice.to === "field" && wrong}
      />
      {choice.to === "new" && (
        <div className={classes.pair}>
          <TextInput
            size="xs"
            aria-label={t("target.name", { header })}
            placeholder={t("target.namePlaceholder")}
            maxLength={400}
            value={choice.field}
            onChange={({ currentTarget: { value } }) => onChoice({ ...choice, field: value })}
            error={wrong}
          />
          <Select
            size="xs"
            aria-label={t("target.type", { header })}
            data={TYPES.map((value) => ({ value, label: t(`settings:type.${value}`) }))}
            allowDeselect={false}
            value={choice.type}
            onChange={(value) => onChoice({ ...choice, type: TYPES.find((each) => each === value) ?? "text" })}
          />
        </div>
      )}
      {choice.to !== "nowhere" && (type === "date" || type === "datetime") && (
        <Select
          size="xs"
          aria-label={t("target.dates", { header })}
          data={(["ymd", "dmy", "mdy"] as const).map((value) => ({ value, label: t(`dates.${value}`) }))}
          allowDeselect={false}
          value={choice.date_order}
          onChange={(value) => onChoice({ ...choice, date_order: value === "dmy" || value === "mdy" ? value : "ymd" })}
        />
      )}
      {choice.to !== "nowhere" && type === "number" && choice.field !== "number" && (
        <Select
          size="xs"
          aria-label={t("target.decimal", { header })}
          data={[
            { value: ".", label: t("decimal.point") },
            { value: ",", label: t("decimal.comma") },
          ]}
          allowDeselect={false}
          value={choice.decimal}
          onChange={(value) => onChoice({ ...choice, decimal: value === "," ? "," : "." })}
        />
      )}
    </div>
  );
}

/** The narrowest type that all cells fit. */
function bestType({ types }: FileColumn): FieldType {
  return (["number", "boolean", "date", "datetime"] as const).find((type) => types[type] === 1) ?? "text";
}

function Fit({ column, choice }: { column: FileColumn; choice: Choice }) {
  const { t } = useTranslation("imports");
  const fields = useFields();
  if (choice.to === "nowhere" || !column.filled) return null;
  const share = fitOf(column, choice, fields);
  const misfits = Math.round(column.filled * (1 - share));
  const state = share === 1 ? "good" : share >= 0.8 ? "some" : "bad";
  const colour = { good: "var(--good)", some: "var(--warn)", bad: "var(--bad)" }[state];
  return (
    <div className={classes.fit} {...{ [`data-${state}`]: true }}>
      <span className="numbers">{formatNumber(share, { style: "percent", maximumFractionDigits: 1 })}</span>
      <Progress value={share * 100} size="xs" color={colour} aria-hidden="true" />
      {misfits > 0 && (
        <span>
          {t("columns.misfits", { count: misfits, number: formatNumber(misfits), all: formatNumber(column.filled) })}
        </span>
      )}
      {misfits > 0 && choice.field === "phone" && <span>{t("columns.phones")}</span>}
    </div>
  );
}
