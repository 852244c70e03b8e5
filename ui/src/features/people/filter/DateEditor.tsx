import { DatePickerInput, TimeInput } from "@mantine/dates";
import "@mantine/dates/styles.layer.css";
import "dayjs/locale/de";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "@/i18n";
import classes from "./Filter.module.css";

// As `formatDate` writes dates; a week of the calendar begins as its readers know it.
const CALENDARS = {
  en: { valueFormat: "MMM D, YYYY", firstDayOfWeek: 0 },
  de: { valueFormat: "D. MMM YYYY", firstDayOfWeek: 1 },
} as const;

/** A date, or a date with a time, as filters write them: 2026-01-31, 2026-01-31T09:00 by the workspace's clock. */
export function DateEditor({
  label,
  value,
  withTime,
  onChange,
}: {
  label: string;
  value: string;
  withTime: boolean;
  onChange: (value: string) => void;
}) {
  const { t } = useTranslation("people");
  const [date = "", time = ""] = value.split("T");
  return (
    <div className={classes.pair}>
      <DatePickerInput
        size="xs"
        aria-label={label}
        placeholder={label}
        locale={currentLanguage()}
        {...CALENDARS[currentLanguage()]}
        value={date || null}
        onChange={(next) => onChange(next ? (time ? `${next}T${time}` : next) : "")}
        popoverProps={{ withinPortal: false }}
      />
      {withTime && (
        <TimeInput
          size="xs"
          aria-label={t("value.time", { label })}
          disabled={!date}
          value={time.slice(0, 5)}
          onChange={(event) => {
            const next = event.currentTarget.value;
            onChange(next ? `${date}T${next}` : date);
          }}
        />
      )}
    </div>
  );
}
