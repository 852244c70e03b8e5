import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useWorkspace } from "@/app/workspace";
import { formatAgo } from "@/shared";
import classes from "./Details.module.css";
import { type FieldType, isTime, linkOf, textOf } from "./values";

/** A value for reading: times in the workspace's zone, links that can be followed, lists as chips. */
export function ShownValue({ value, type }: { value: unknown; type: FieldType | null }) {
  const { t } = useTranslation("profile");
  const { timezone } = useWorkspace();
  const text = textOf(value, type, timezone, { yes: t("value.yes"), no: t("value.no") });
  if (Array.isArray(value)) {
    return (
      <span className={classes.chips}>
        {[...new Set(value.map(String))].map((each) => (
          <span className={classes.chip} key={each}>
            {each}
          </span>
        ))}
      </span>
    );
  }
  if (type === "datetime" && isTime(String(value))) {
    return (
      <span className="numbers">
        {text} <span className={classes.quiet}>{formatAgo(String(value))}</span>
      </span>
    );
  }
  const link = typeof value === "string" ? linkOf(value) : null;
  if (link) {
    return (
      <Anchor href={link} target="_blank" rel="noopener noreferrer" size="sm">
        {text}
      </Anchor>
    );
  }
  return <span className={typeof value === "number" ? "numbers" : undefined}>{text}</span>;
}
