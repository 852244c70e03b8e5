import { Autocomplete, NumberInput, Select, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  type EventBased,
  type EventCondition,
  type FigureCondition,
  figureRows,
  figureType,
  measureOf,
  type Operator,
  valueFor,
  withMeasure,
} from "./conditions";
import { WhereEditor, WindowEditor } from "./EventParts";
import classes from "./Filter.module.css";
import type { Vocabulary } from "./known";
import { ValueEditor } from "./ValueEditor";
import { operatorMenu } from "./words";

interface EventProps<C> {
  condition: C;
  vocabulary: Vocabulary;
  onChange: (condition: EventBased) => void;
}

/** What a person did: which event, what of it is looked at, when, and with which properties. */
export function EventEditor({ condition, vocabulary, onChange }: EventProps<EventBased>) {
  const { t } = useTranslation("people");
  const { operators } = vocabulary;
  const measures = ["times", ...operators.functions.map(({ key }) => key), "first", "last", "property"];
  const set = (next: Partial<EventBased>) => onChange({ ...condition, ...next } as EventBased);
  return (
    <>
      <Select
        size="xs"
        searchable
        aria-label={t("event.event")}
        allowDeselect={false}
        data={[...new Set([...vocabulary.events, condition.event])]}
        value={condition.event}
        onChange={(event) => event && set({ event })}
        comboboxProps={{ withinPortal: false }}
      />
      <Select
        size="xs"
        data-autofocus
        aria-label={t("event.measure")}
        allowDeselect={false}
        data={measures.map((key) => ({ value: key, label: t(`figure.${key}` as "figure.sum", { defaultValue: key }) }))}
        value={measureOf(condition)}
        onChange={(measure) =>
          measure && onChange(withMeasure(condition, measure, operators, vocabulary.properties[0] ?? ""))
        }
        comboboxProps={{ withinPortal: false }}
      />
      {condition.type === "event" ? (
        <TimesEditor condition={condition} vocabulary={vocabulary} onChange={onChange} />
      ) : (
        <FigureEditor condition={condition} vocabulary={vocabulary} onChange={onChange} />
      )}
      {(condition.type === "event" || condition.type === "aggregate") && (
        <WindowEditor
          window={condition.window ?? null}
          vocabulary={vocabulary}
          onChange={(window) => set({ window })}
        />
      )}
      {condition.type !== "event_property" && (
        <WhereEditor
          event={condition.event}
          where={condition.where ?? []}
          vocabulary={vocabulary}
          onChange={(where) => set({ where })}
        />
      )}
    </>
  );
}

function TimesEditor({ condition, vocabulary, onChange }: EventProps<EventCondition>) {
  const { t } = useTranslation("people");
  const rows = vocabulary.operators.events;
  const row = rows.find(({ key }) => key === condition.op);
  const setOperator = (next: Operator | undefined) => {
    if (!next) return;
    const { count, ...rest } = condition;
    const kept = valueFor(next, count);
    onChange({ ...rest, op: next.key, ...(typeof kept === "number" && { count: kept }) });
  };
  return (
    <div className={classes.pair}>
      <Select
        size="xs"
        aria-label={t("event.howOften")}
        allowDeselect={false}
        data={operatorMenu(t, rows)}
        value={condition.op}
        onChange={(key) => setOperator(rows.find((each) => each.key === key))}
        comboboxProps={{ withinPortal: false }}
      />
      {row?.value === "count" && (
        <NumberInput
          size="xs"
          aria-label={t("event.count")}
          min={row.minimum}
          allowDecimal={false}
          allowNegative={false}
          value={condition.count ?? ""}
          onChange={(count) => onChange({ ...condition, count: typeof count === "number" ? count : null })}
        />
      )}
    </div>
  );
}

/** A figure made of events, compared with a value. */
function FigureEditor({ condition, vocabulary, onChange }: EventProps<FigureCondition>) {
  const { t } = useTranslation("people");
  const rows = figureRows(condition, vocabulary.operators);
  const row = rows.find(({ key }) => key === condition.op);
  return (
    <>
      {condition.type !== "event_time" && (
        <Autocomplete
          size="xs"
          aria-label={t("event.property")}
          placeholder={t("event.property")}
          data={[...vocabulary.properties]}
          value={condition.property}
          onChange={(property) => onChange({ ...condition, property })}
          comboboxProps={{ withinPortal: false }}
        />
      )}
      <Select
        size="xs"
        searchable
        aria-label={t("chip.operator")}
        allowDeselect={false}
        data={operatorMenu(t, rows)}
        value={condition.op}
        onChange={(key) => {
          const next = rows.find((each) => each.key === key);
          if (!next) return;
          const { value, or_unknown: _, ...rest } = condition;
          const kept = valueFor(next, value);
          onChange({ ...rest, op: next.key, ...(kept !== undefined && { value: kept }) });
        }}
        comboboxProps={{ withinPortal: false }}
      />
      {row && (
        <ValueEditor
          key={row.value}
          row={row}
          type={figureType(condition, vocabulary.operators)}
          value={condition.value}
          {...(condition.type === "event_property" && { of: condition })}
          onChange={(value) => {
            const { value: _, ...rest } = condition;
            onChange(value === undefined ? rest : { ...rest, value });
          }}
        />
      )}
      {row?.or_unknown && (
        <Switch
          size="xs"
          label={t("value.alsoUnknown")}
          checked={condition.or_unknown ?? false}
          onChange={(event) => onChange({ ...condition, or_unknown: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
