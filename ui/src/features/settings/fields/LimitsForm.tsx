import { Checkbox, TagsInput, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import classes from "./Fields.module.css";
import { type Limits, offered } from "./limits";

interface LimitsFormProps {
  type: Schemas["FieldType"];
  limits: Limits;
  onChange: (limits: Limits) => void;
}

/** Which values a field takes beyond its type; nothing for types of which nothing can be said. */
export function LimitsForm({ type, limits, onChange }: LimitsFormProps) {
  const { t } = useTranslation("settings");
  const may = offered(type);
  if (!Object.values(may).some(Boolean)) return null;
  const set = (part: Partial<Limits>) => onChange({ ...limits, ...part });
  const kind = type === "number" ? "text" : type === "date" ? "date" : "datetime-local";
  return (
    <fieldset className={classes.limits}>
      <legend>{t("limits.title")}</legend>
      <p>{t("limits.text")}</p>
      {may.choices && (
        <TagsInput
          label={t("limits.choices")}
          description={t("limits.choicesHint")}
          maxTags={500}
          acceptValueOnBlur
          value={limits.choices}
          onChange={(choices) => set({ choices })}
        />
      )}
      {may.maxLength && (
        <TextInput
          label={t("limits.maxLength")}
          inputMode="numeric"
          pattern="[1-9][0-9]{0,4}"
          title={t("limits.maxLengthHint")}
          value={limits.maxLength}
          onChange={(event) => set({ maxLength: event.target.value })}
        />
      )}
      {may.bounds && (
        <div className={classes.bounds}>
          <TextInput
            label={t(type === "number" ? "limits.atLeast" : "limits.earliest")}
            type={kind}
            inputMode={type === "number" ? "decimal" : undefined}
            value={limits.atLeast}
            onChange={(event) => set({ atLeast: event.target.value })}
          />
          <TextInput
            label={t(type === "number" ? "limits.atMost" : "limits.latest")}
            type={kind}
            inputMode={type === "number" ? "decimal" : undefined}
            value={limits.atMost}
            onChange={(event) => set({ atMost: event.target.value })}
          />
        </div>
      )}
      {may.whole && (
        <Checkbox
          label={t("limits.whole")}
          checked={limits.whole}
          onChange={(event) => set({ whole: event.target.checked })}
        />
      )}
    </fieldset>
  );
}
