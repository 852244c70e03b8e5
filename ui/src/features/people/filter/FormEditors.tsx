import { NumberInput, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { BucketCondition, SequenceCondition, Span } from "./conditions";
import classes from "./Filter.module.css";
import type { Vocabulary } from "./known";
import { SpanEditor } from "./ValueEditor";

interface FormProps<C> {
  condition: C;
  vocabulary: Vocabulary;
  onChange: (condition: C) => void;
}

/** One event, then another, and how soon. */
export function SequenceEditor({ condition, vocabulary, onChange }: FormProps<SequenceCondition>) {
  const { t } = useTranslation("people");
  const row = vocabulary.operators.fields.datetime?.find(({ key }) => key === "in_last");
  const event = (key: "first" | "then") => (
    <Select
      size="xs"
      searchable
      label={t(key === "first" ? "written.first" : "written.second")}
      allowDeselect={false}
      data={[...new Set([...vocabulary.events, condition[key]])].filter(Boolean)}
      value={condition[key] || null}
      onChange={(name) => name && onChange({ ...condition, [key]: name })}
      comboboxProps={{ withinPortal: false }}
    />
  );
  return (
    <>
      <div className={classes.editorTitle}>{t("written.sequence")}</div>
      {event("first")}
      {event("then")}
      {row && (
        <div>
          <span className={classes.resolved}>{t("written.soon")}</span>
          <SpanEditor
            row={row}
            value={condition.within}
            onChange={(within) => onChange({ ...condition, within: within as Span })}
          />
        </div>
      )}
    </>
  );
}

/** A share of people that chance gives, the same people each time: percent from, up to and not including, to. */
export function BucketEditor({ condition, onChange }: FormProps<BucketCondition>) {
  const { t } = useTranslation("people");
  const end = (key: "from" | "to") => (
    <NumberInput
      size="xs"
      label={t(`written.${key}`)}
      min={0}
      max={100}
      decimalScale={3}
      suffix=" %"
      value={condition[key]}
      onChange={(next) => typeof next === "number" && onChange({ ...condition, [key]: next })}
    />
  );
  return (
    <>
      <div className={classes.editorTitle}>{t("written.bucket")}</div>
      <div className={classes.pair}>
        {end("from")}
        {end("to")}
      </div>
      <p className={classes.resolved}>{t("written.bucketHint")}</p>
    </>
  );
}
