import { Anchor, NumberInput, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { read } from "@/api";
import { useWorkspace } from "@/app/workspace";
import { DESTINATIONS, type Schedule } from "./addresses";
import { EVERY, type Every, weekdayName } from "./cadence";
import classes from "./Exports.module.css";

/** When and where to an export is repeated. */
export interface Repeated {
  every: Every;
  at: string;
  weekday: number;
  day: number;
  destination: string | null;
}

/** When and where to a schedule delivers. */
export function repeatedOf({ every, at, weekday, day, destination }: Schedule): Repeated {
  return { every, at, weekday: weekday ?? 1, day: day ?? 1, destination };
}

/** The same as the API has it: a day only where it counts. */
export function timesOf({ every, at, weekday, day }: Repeated) {
  return { every, at, weekday: every === "week" ? weekday : null, day: every === "month" ? day : null };
}

export const DAILY: Repeated = { every: "day", at: "06:00", weekday: 1, day: 1, destination: null };

interface RepeatProps {
  value: Repeated | null;
  onChange: (value: Repeated | null) => void;
  /** It is a schedule that is made: once is not offered. */
  always: boolean;
}

/** Asks whether an export is repeated: how often, at what time, and where to. */
export function Repeat({ value, onChange, always }: RepeatProps) {
  const { t } = useTranslation("exports");
  const { slug, timezone } = useWorkspace();
  const places = useQuery({ ...read(DESTINATIONS, { params: { path: { slug } } }), enabled: value !== null });
  const offered = places.data?.items ?? [];
  const set = (part: Partial<Repeated>) => value && onChange({ ...value, ...part });
  return (
    <section aria-label={t("repeat.label")} className={classes.repeat}>
      <Select
        label={t("repeat.label")}
        allowDeselect={false}
        data={[...(always ? [] : ["once" as const]), ...EVERY].map((each) => ({
          value: each,
          label: t(`every.${each}`),
        }))}
        value={value?.every ?? "once"}
        onChange={(chosen) => {
          const every = EVERY.find((each) => each === chosen);
          onChange(every ? { ...(value ?? DAILY), every } : null);
        }}
      />
      {value && (
        <div className={classes.when}>
          {value.every === "week" && (
            <Select
              label={t("repeat.weekday")}
              allowDeselect={false}
              data={[1, 2, 3, 4, 5, 6, 7].map((day) => ({ value: String(day), label: weekdayName(day) }))}
              value={String(value.weekday)}
              onChange={(day) => set({ weekday: Number(day ?? 1) })}
            />
          )}
          {value.every === "month" && (
            <NumberInput
              label={t("repeat.day")}
              min={1}
              max={31}
              clampBehavior="strict"
              allowDecimal={false}
              value={value.day}
              onChange={(day) => set({ day: Number(day) || 1 })}
            />
          )}
          <TextInput
            type="time"
            label={t(value.every === "hour" ? "repeat.minutes" : "repeat.at", { zone: timezone })}
            value={value.at}
            onChange={({ currentTarget: { value: at } }) => set({ at })}
          />
        </div>
      )}
      {value && places.isSuccess && !offered.length && (
        <p className={classes.text}>
          {t("repeat.none")}{" "}
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link to="/w/$slug/exports" params={{ slug }} search={{ show: "destinations" }} {...props} />
            )}
          >
            {t("repeat.make")}
          </Anchor>
        </p>
      )}
      {value && offered.length > 0 && (
        <Select
          label={t("repeat.destination")}
          placeholder={t("repeat.choose")}
          data={offered.map(({ id, name }) => ({ value: id, label: name }))}
          value={value.destination}
          onChange={(destination) => set({ destination })}
        />
      )}
    </section>
  );
}
