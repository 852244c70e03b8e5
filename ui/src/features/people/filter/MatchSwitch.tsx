import { SegmentedControl, TextInput } from "@mantine/core";
import { memo, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Numbered } from "./conditions";
import { type Mark, type Match, matching, matchOf, readExpression } from "./expression";
import classes from "./Filter.module.css";

interface MatchProps {
  filter: Numbered;
  onChange: (filter: Numbered) => void;
}

/** Match all, any, or an expression over the numbers; shown from two conditions on. */
export const MatchSwitch = memo(function MatchSwitch({ filter, onChange }: MatchProps) {
  const { t } = useTranslation("people");
  const count = filter.conditions.length;
  const [asked, setAsked] = useState(false);
  const match: Match = asked ? "custom" : matchOf(filter.expression, count);
  if (count < 2) return null;
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t("match.label")}
        data={[
          { value: "all", label: t("match.all") },
          { value: "any", label: t("match.any") },
          { value: "custom", label: t("match.custom") },
        ]}
        value={match}
        onChange={(next) => {
          setAsked(next === "custom");
          if (next === "all" || next === "any") onChange({ ...filter, expression: matching(next, count) });
        }}
      />
      {match === "custom" && <ExpressionInput filter={filter} onChange={onChange} />}
    </>
  );
});

/** The expression as typed: what can be read is the filter at once, what can't is marked where it stands. */
function ExpressionInput({ filter, onChange }: MatchProps) {
  const { t } = useTranslation("people");
  const [text, setText] = useState(filter.expression);
  const [written, setWritten] = useState(filter.expression);
  const count = filter.conditions.length;
  useEffect(() => {
    // Changed elsewhere: a condition was added, removed or dragged.
    if (filter.expression !== written) {
      setText(filter.expression);
      setWritten(filter.expression);
    }
  }, [filter.expression, written]);
  const read = readExpression(text, count);
  const mark = "mark" in read ? read.mark : null;
  return (
    <div className={classes.expression}>
      <TextInput
        size="xs"
        aria-label={t("match.expression")}
        className={classes.expressionInput ?? ""}
        spellCheck={false}
        autoComplete="off"
        value={text}
        error={mark ? <Marked text={text} mark={mark} /> : null}
        onChange={(event) => {
          const next = event.currentTarget.value;
          setText(next);
          if ("expression" in readExpression(next, count)) {
            setWritten(next);
            onChange({ ...filter, expression: next });
          }
        }}
      />
    </div>
  );
}

function Marked({ text, mark }: { text: string; mark: Mark }) {
  const { t } = useTranslation("people");
  const place = text.slice(mark.start, mark.end);
  return (
    <span className={classes.marked}>
      <span aria-hidden="true">
        {text.slice(0, mark.start)}
        <mark>{place || "▁"}</mark>
        {text.slice(mark.end)}
      </span>
      <span>{t(`match.mark.${mark.reason}`, { place, number: mark.number ?? 0, column: mark.start + 1 })}</span>
    </span>
  );
}
