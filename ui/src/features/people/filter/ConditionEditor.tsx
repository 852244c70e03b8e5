import { Button, Select, Switch } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { SegmentPicker } from "@/features/segments";
import {
  type Condition,
  type FieldCondition,
  operatorsOf,
  type SegmentCondition,
  type Value,
  withOperator,
} from "./conditions";
import { EventEditor } from "./EventEditor";
import classes from "./Filter.module.css";
import { BucketEditor, SequenceEditor } from "./FormEditors";
import type { Vocabulary } from "./known";
import { ValueEditor } from "./ValueEditor";
import { operatorMenu } from "./words";

const MOST_SEGMENTS = 50;

interface EditorProps<C> {
  condition: C;
  vocabulary: Vocabulary;
  onChange: (condition: C) => void;
}

/** The inside of a chip: it keeps what is typed, whole or not, and tells each change. */
export function ConditionEditor({
  condition,
  vocabulary,
  onChange,
  onDone,
}: EditorProps<Condition> & { onDone: () => void }) {
  const { t } = useTranslation("people");
  const [draft, setDraft] = useState(condition);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The popover looks for what to focus before this part is there.
    const first = form.current?.querySelector<HTMLElement>("[data-autofocus]") ?? form.current?.querySelector("input");
    first?.focus();
  }, []);
  const change = (next: Condition) => {
    setDraft(next);
    onChange(next);
  };
  return (
    <form
      ref={form}
      className={classes.editor}
      onSubmit={(event) => {
        event.preventDefault();
        onDone();
      }}
    >
      {draft.type === "field" ? (
        <FieldEditor condition={draft} vocabulary={vocabulary} onChange={change} />
      ) : draft.type === "segment" ? (
        <SegmentEditor condition={draft} vocabulary={vocabulary} onChange={change} />
      ) : draft.type === "sequence" ? (
        <SequenceEditor condition={draft} vocabulary={vocabulary} onChange={change} />
      ) : draft.type === "bucket" ? (
        <BucketEditor condition={draft} vocabulary={vocabulary} onChange={change} />
      ) : (
        <EventEditor condition={draft} vocabulary={vocabulary} onChange={change} />
      )}
      <Button type="submit" size="compact-xs" variant="light" ml="auto">
        {t("chip.done")}
      </Button>
    </form>
  );
}

function FieldEditor({ condition, vocabulary, onChange }: EditorProps<FieldCondition>) {
  const { t } = useTranslation("people");
  const field = vocabulary.fields.find(({ name }) => name === condition.field);
  if (!field) return <p className={classes.resolved}>{t("chip.gone", { field: condition.field })}</p>;
  const rows = operatorsOf(field, vocabulary.operators);
  const row = rows.find(({ key }) => key === condition.op);
  const setValue = (value: Value | undefined) => {
    const { value: _, ...rest } = condition;
    onChange(value === undefined ? rest : { ...rest, value });
  };
  return (
    <>
      <div className={classes.editorTitle}>{field.label}</div>
      <Select
        size="xs"
        searchable
        aria-label={t("chip.operator")}
        allowDeselect={false}
        data={operatorMenu(t, rows)}
        value={condition.op}
        onChange={(key) => {
          const next = rows.find((each) => each.key === key);
          if (next) onChange(withOperator(condition, next));
        }}
        comboboxProps={{ withinPortal: false }}
        maxDropdownHeight={260}
      />
      {row && (
        <ValueEditor
          key={row.value}
          row={row}
          type={field.type}
          field={field.name}
          value={condition.value}
          onChange={setValue}
        />
      )}
      {row?.or_unknown && (
        <Switch
          size="xs"
          label={t("value.alsoUnknown")}
          checked={condition.or_unknown ?? false}
          onChange={(event) => {
            const { or_unknown: _, ...rest } = condition;
            onChange(event.currentTarget.checked ? { ...rest, or_unknown: true } : rest);
          }}
        />
      )}
    </>
  );
}

function SegmentEditor({ condition, vocabulary, onChange }: EditorProps<SegmentCondition>) {
  const { t } = useTranslation("people");
  const rows = vocabulary.operators.segments;
  const row = rows.find(({ key }) => key === condition.op);
  return (
    <>
      <Select
        size="xs"
        aria-label={t("chip.operator")}
        allowDeselect={false}
        data={operatorMenu(t, rows)}
        value={condition.op}
        onChange={(op) => {
          const next = rows.find(({ key }) => key === op);
          if (!next) return;
          const segments = next.value === "many" ? condition.segments : condition.segments.slice(0, 1);
          onChange({ ...condition, op: next.key, segments });
        }}
        comboboxProps={{ withinPortal: false }}
      />
      <SegmentPicker
        size="xs"
        hideLabel
        inPopover
        label={t("chip.segment")}
        max={row?.value === "many" ? MOST_SEGMENTS : 1}
        value={condition.segments}
        onChange={(segments) => onChange({ ...condition, segments })}
      />
    </>
  );
}
