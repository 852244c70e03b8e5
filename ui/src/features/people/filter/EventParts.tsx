import { ActionIcon, Autocomplete, Button, Select } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { type Property, propertyOperators, propertyType, type Scalar, valueFor, type Window } from "./conditions";
import { DateEditor } from "./DateEditor";
import classes from "./Filter.module.css";
import type { Vocabulary } from "./known";
import { ResolvedDates, SpanEditor, ValueEditor } from "./ValueEditor";
import { operatorMenu } from "./words";

function firstWindow(kind: string): Window | null {
  if (kind === "last") return { kind, n: 30, unit: "days" };
  if (kind === "between") return { kind, from: "", to: "" };
  return kind === "before" || kind === "after" ? { kind, at: "" } : null;
}

/** From which time events are taken. */
export function WindowEditor({
  window,
  vocabulary,
  onChange: set,
}: {
  window: Window | null;
  vocabulary: Vocabulary;
  onChange: (window: Window | null) => void;
}) {
  const { t } = useTranslation("people");
  const { operators } = vocabulary;
  const row = operators.fields.datetime?.find(({ key }) => key === "in_last");
  const end = (key: "at" | "from" | "to", value: Scalar) => (
    <DateEditor
      label={t(key === "at" ? "value.one" : `value.${key}`)}
      withTime
      value={String(value)}
      onChange={(next) => set({ ...window, [key]: next } as Window)}
    />
  );
  return (
    <>
      <Select
        size="xs"
        aria-label={t("event.window")}
        allowDeselect={false}
        data={[
          { value: "", label: t("event.ever") },
          ...operators.windows.map(({ kind, operator, label }) => ({
            value: kind,
            label: t(`op.${operator}` as "op.before", { defaultValue: label }),
          })),
        ]}
        value={window?.kind ?? ""}
        onChange={(kind) => set(firstWindow(kind ?? ""))}
        comboboxProps={{ withinPortal: false }}
      />
      {window?.kind === "last" && row && (
        <>
          <SpanEditor
            row={row}
            value={window}
            onChange={(span) => set({ kind: "last", ...(span as { n: number; unit: string }) })}
          />
          <ResolvedDates row={row} value={window} />
        </>
      )}
      {window?.kind === "between" && (
        <>
          {end("from", window.from)}
          {end("to", window.to)}
        </>
      )}
      {(window?.kind === "before" || window?.kind === "after") && end("at", window.at)}
    </>
  );
}

/** What an event must have to count. */
export function WhereEditor({
  event,
  where,
  vocabulary,
  onChange: set,
}: {
  event: string;
  where: readonly Property[];
  vocabulary: Vocabulary;
  onChange: (where: readonly Property[]) => void;
}) {
  const { t } = useTranslation("people");
  return (
    <>
      {where.map((property, at) => (
        <PropertyEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own, and stay where they are
          key={at}
          event={event}
          property={property}
          vocabulary={vocabulary}
          onChange={(next) => set(where.map((each, i) => (i === at ? next : each)))}
          onRemove={() => set(where.filter((_, i) => i !== at))}
        />
      ))}
      <div>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconPlus size={13} />}
          onClick={() => set([...where, { property: vocabulary.properties[0] ?? "", op: "is" }])}
        >
          {t("event.addWhere")}
        </Button>
      </div>
    </>
  );
}

function PropertyEditor({
  event,
  property,
  vocabulary,
  onChange,
  onRemove,
}: {
  event: string;
  property: Property;
  vocabulary: Vocabulary;
  onChange: (property: Property) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("people");
  const { operators } = vocabulary;
  const rows = propertyOperators(operators);
  const row = rows.find(({ key }) => key === property.op);
  return (
    <div className={classes.property}>
      <div className={classes.pair}>
        <Autocomplete
          size="xs"
          aria-label={t("event.property")}
          placeholder={t("event.property")}
          data={[...vocabulary.properties]}
          value={property.property}
          onChange={(name) => onChange({ ...property, property: name })}
          comboboxProps={{ withinPortal: false }}
        />
        <Select
          size="xs"
          searchable
          aria-label={t("chip.operator")}
          allowDeselect={false}
          data={operatorMenu(t, rows)}
          value={property.op}
          onChange={(key) => {
            const next = rows.find((each) => each.key === key);
            if (!next) return;
            const value =
              propertyType(next.key, operators) === propertyType(property.op, operators) ? property.value : undefined;
            const kept = valueFor(next, value);
            onChange({ property: property.property, op: next.key, ...(kept !== undefined && { value: kept }) });
          }}
          comboboxProps={{ withinPortal: false }}
        />
        <ActionIcon aria-label={t("event.removeWhere")} onClick={onRemove}>
          <IconX size={14} />
        </ActionIcon>
      </div>
      {row && (
        <ValueEditor
          key={row.value}
          row={row}
          type={propertyType(property.op, operators)}
          value={property.value}
          of={{ event, property: property.property }}
          onChange={(value) => {
            const { value: _, ...rest } = property;
            onChange(value === undefined ? rest : { ...rest, value });
          }}
        />
      )}
    </div>
  );
}
