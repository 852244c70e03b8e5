import { Autocomplete, Button, NumberInput, Select, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { formatNumber, formatTime } from "@/shared";
import { isMany, isRange, isSpan, type Operator, proposesValues, type Scalar, type Value } from "./conditions";
import { DateEditor } from "./DateEditor";
import classes from "./Filter.module.css";
import { type OfEvent, useEventValues, useFacets } from "./facets";
import { asNumbers, pastedValues } from "./paste";
import { resolved } from "./windows";

interface ValueProps {
  row: Operator;
  /** Of what is compared: text, number, boolean, datetime, date, list. */
  type: string;
  value: Value | undefined;
  /** The field whose values are proposed, or the property of events. */
  field?: string | undefined;
  of?: OfEvent;
  onChange: (value: Value | undefined) => void;
}

/** What an operator takes, in the form of its shape. */
export function ValueEditor(props: ValueProps) {
  const { row, type, value, onChange } = props;
  const { t } = useTranslation("people");
  switch (row.value) {
    case "none":
      return <ResolvedDates {...props} />;
    case "many":
      return <ManyEditor {...props} />;
    case "range": {
      const range = isRange(value) ? value : { from: "", to: "" };
      const part = (key: "from" | "to") => (
        <OneEditor
          {...props}
          label={t(`value.${key}`)}
          value={range[key] === "" ? undefined : range[key]}
          onChange={(next) => onChange({ ...range, [key]: (next as Scalar | undefined) ?? "" })}
        />
      );
      return (
        <div className={classes.pair}>
          {part("from")}
          {part("to")}
        </div>
      );
    }
    case "span":
      return (
        <>
          <SpanEditor {...props} />
          <ResolvedDates {...props} />
        </>
      );
    case "count":
      return (
        <NumberInput
          size="xs"
          aria-label={t("value.count")}
          min={row.minimum}
          allowDecimal={false}
          allowNegative={false}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    default:
      return type === "text" || type === "list" ? <TextEditor {...props} /> : <OneEditor {...props} />;
  }
}

function OneEditor({ type, value, onChange, label }: ValueProps & { label?: string }) {
  const { t } = useTranslation("people");
  const name = label ?? t("value.one");
  if (type === "datetime" || type === "date") {
    return (
      <DateEditor
        label={name}
        withTime={type === "datetime"}
        value={typeof value === "string" ? value : ""}
        onChange={(next) => onChange(next || undefined)}
      />
    );
  }
  if (type === "number") {
    return (
      <NumberInput
        size="xs"
        data-autofocus
        aria-label={name}
        placeholder={name}
        value={typeof value === "number" ? value : ""}
        onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
      />
    );
  }
  return (
    <TextInput
      size="xs"
      data-autofocus
      aria-label={name}
      placeholder={name}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}

/** Values to choose from that hold a text, with how often there are. */
function useProposals({ row, type, field, of }: ValueProps, search: string): ReadonlyMap<string, number> {
  const isNone = type === "number" || !proposesValues(row);
  const ofField = useFacets(isNone ? undefined : field, search);
  const ofEvents = useEventValues(isNone ? undefined : of, search);
  return new Map([...ofField, ...ofEvents].map(({ value, count }) => [value, count]));
}

function TextEditor(props: ValueProps) {
  const { row, value, onChange } = props;
  const { t } = useTranslation("people");
  const text = typeof value === "string" ? value : "";
  const counts = useProposals(props, text);
  return (
    <Autocomplete
      size="xs"
      data-autofocus
      aria-label={t("value.one")}
      placeholder={t(row.key.includes("match") ? "value.pattern" : "value.one")}
      value={text}
      onChange={(next) => onChange(next || undefined)}
      data={[...counts.keys()]}
      filter={({ options }) => options}
      comboboxProps={{ withinPortal: false }}
      maxDropdownHeight={220}
      // Over a condition that is whole, they would lie on what one came to change.
      openOnFocus={text === ""}
      renderOption={({ option }) => <Proposal value={option.value} count={counts.get(option.value)} />}
    />
  );
}

function Proposal({ value, count }: { value: string; count: number | undefined }) {
  return (
    <>
      <span className="truncate">{value}</span>
      {count !== undefined && <span className={classes.optionNote}>{formatNumber(count)}</span>}
    </>
  );
}

const MOST_PILLS = 40;

function ManyEditor(props: ValueProps) {
  const { type, value, onChange } = props;
  const { t } = useTranslation("people");
  const values = isMany(value) ? value.map(String) : [];
  const [search, setSearch] = useState("");
  const [asList, setAsList] = useState(values.length > MOST_PILLS);
  const [text, setText] = useState(values.join("\n"));
  const [refused, setRefused] = useState<string[]>([]);
  const counts = useProposals(props, search);
  const set = (next: readonly string[]) => {
    const { numbers, others } = type === "number" ? asNumbers(next) : { numbers: [], others: [] };
    setRefused(others);
    onChange(type === "number" ? numbers : next);
  };
  const error = refused.length > 0 && t("value.noNumbers", { text: refused.slice(0, 3).join(", ") });
  return (
    <>
      {/* Above the field: its proposals lie over what is below. */}
      <div>
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => {
            setText(values.join("\n"));
            setAsList(!asList);
          }}
        >
          {t(asList ? "value.asPills" : "value.asList")}
        </Button>
      </div>
      {asList ? (
        <Textarea
          size="xs"
          rows={7}
          data-autofocus
          aria-label={t("value.list")}
          description={t("value.listHint", { count: values.length, number: formatNumber(values.length) })}
          value={text}
          error={error}
          onChange={(event) => {
            setText(event.currentTarget.value);
            set(pastedValues(event.currentTarget.value));
          }}
        />
      ) : (
        <TagsInput
          size="xs"
          data-autofocus
          aria-label={t("value.many")}
          placeholder={values.length ? "" : t("value.many")}
          value={values}
          onChange={set}
          error={error}
          searchValue={search}
          onSearchChange={setSearch}
          splitChars={[",", ";", "\n", "\t"]}
          data={[...counts.keys()]}
          filter={({ options }) => options}
          acceptValueOnBlur
          openOnFocus={values.length === 0}
          comboboxProps={{ withinPortal: false }}
          maxDropdownHeight={220}
          renderOption={({ option }) => <Proposal value={option.value} count={counts.get(option.value)} />}
        />
      )}
    </>
  );
}

export function SpanEditor({ row, value, onChange }: Pick<ValueProps, "row" | "value" | "onChange">) {
  const { t } = useTranslation("people");
  const span = isSpan(value) ? value : { n: 30, unit: row.units[0] ?? "days" };
  return (
    <div className={classes.pair}>
      <NumberInput
        size="xs"
        data-autofocus
        aria-label={t("value.length")}
        min={1}
        max={100_000}
        allowDecimal={false}
        allowNegative={false}
        value={span.n || ""}
        onChange={(n) => onChange({ ...span, n: typeof n === "number" ? n : 0 })}
      />
      <Select
        size="xs"
        aria-label={t("value.unit")}
        allowDeselect={false}
        data={row.units.map((unit) => ({ value: unit, label: t(`units.${unit}` as "units.days") }))}
        value={span.unit}
        onChange={(unit) => unit && onChange({ ...span, unit })}
        comboboxProps={{ withinPortal: false }}
      />
    </div>
  );
}

/** What a relative time means now, by the workspace's clock. */
export function ResolvedDates({ row, value }: Pick<ValueProps, "row" | "value">) {
  const { t } = useTranslation("people");
  const { timezone } = useWorkspace();
  const found = resolved(row.key, value, Date.now(), timezone);
  if (!found) return null;
  const from = found.from === null ? "" : formatTime(found.from, timezone);
  const to = found.to === null ? "" : formatTime(found.to, timezone);
  const text =
    from && to ? t("value.window", { from, to }) : from ? t("value.since", { from }) : t("value.until", { to });
  return (
    <p className={classes.resolved}>
      {row.complement_of ? t("value.exceptWindow", { text }) : text}
      <br />
      {t("value.zone", { zone: timezone })}
    </p>
  );
}
