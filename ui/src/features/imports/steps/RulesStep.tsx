import { ActionIcon, Button, Radio, Select, TagsInput, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useSlug } from "@/app/workspace";
import { useStarted } from "@/features/jobs";
import { SegmentPicker } from "@/features/segments";
import type { Consent, Import } from "../addresses";
import { IMPORT, IMPORTS } from "../addresses";
import { countries } from "../countries";
import { CHANNELS, MOST_SEGMENTS, planOf, type Rules, withConsent } from "../draft";
import classes from "../Imports.module.css";
import { Foot, type StepProps } from "./step";
import { usePlan } from "./usePlan";

const EVERYONE = " everyone";

/** What happens to whom, and what everyone in the file gets beside their columns. */
export function RulesStep({ source, draft, onDraft, go }: StepProps) {
  const { t } = useTranslation("imports");
  const slug = useSlug();
  const plan = usePlan(source);
  const started = useStarted();
  const rehearse = useWrite("post", `${IMPORT}/rehearse`, {
    meta: { quiet: true },
    refresh: [IMPORT, IMPORTS],
    onSuccess: (job) => {
      started(job);
      go("rehearsal");
    },
  });
  const { rules } = draft;
  const set = (change: Partial<Rules>) => onDraft({ ...draft, rules: { ...rules, ...change } });
  const problem = rules.consents.some(({ source: from }) => !from.trim())
    ? t("consent.needsSource")
    : rules.list_delimiter
      ? undefined
      : t("rules.listEmpty");
  const next = async () => {
    const saved = await plan.save(draft);
    if (!saved) return;
    // A rehearsal that is still good is shown and not made again.
    if (saved === "kept" && source.state === "rehearsed") go("rehearsal");
    else rehearse.mutate({ params: { path: { slug, import_id: source.id } } });
  };
  return (
    <>
      <div className={classes.body}>
        <div className={classes.form}>
          <People rules={rules} set={set} />
          <Values rules={rules} set={set} />
          <Extras source={source} rules={rules} set={set} />
          <Consents source={source} consents={rules.consents} onChange={(consents) => set({ consents })} />
        </div>
      </div>
      <Foot onBack={() => go("columns")} problem={problem} error={plan.error ?? rehearse.error}>
        <Button
          disabled={Boolean(problem) || !planOf(draft, source).columns.length}
          loading={plan.isPending || rehearse.isPending}
          onClick={() => void next()}
        >
          {t("next.rehearsal")}
        </Button>
      </Foot>
    </>
  );
}

interface PartProps {
  rules: Rules;
  set: (change: Partial<Rules>) => void;
}

interface ChoicesProps<K extends "existing" | "missing" | "empty_cells" | "bad_values" | "duplicates">
  extends PartProps {
  name: K;
  values: readonly Rules[K][];
}

/** One rule, with a sentence for each of its values. */
function Choices<K extends "existing" | "missing" | "empty_cells" | "bad_values" | "duplicates">({
  name,
  values,
  rules,
  set,
}: ChoicesProps<K>) {
  const { t } = useTranslation("imports");
  return (
    <Radio.Group
      label={t(`rules.${name}.label` as "rules.existing.label")}
      value={rules[name]}
      onChange={(value) => {
        const known = values.find((each) => each === value);
        if (known) set({ [name]: known } as Partial<Rules>);
      }}
    >
      {values.map((value) => (
        <Radio
          key={value}
          mt={8}
          size="sm"
          value={value}
          label={t(`rules.${name}.${value}` as "rules.existing.update")}
        />
      ))}
    </Radio.Group>
  );
}

function People({ rules, set }: PartProps) {
  const { t } = useTranslation("imports");
  return (
    <fieldset className={classes.set}>
      <legend>{t("rules.people")}</legend>
      {rules.key ? (
        <>
          <Choices name="existing" values={["update", "fill", "tags", "skip"]} rules={rules} set={set} />
          <Choices name="missing" values={["create", "skip"]} rules={rules} set={set} />
          <Choices name="duplicates" values={["skip", "apply"]} rules={rules} set={set} />
        </>
      ) : (
        <p className={classes.note}>{t("rules.allNew")}</p>
      )}
    </fieldset>
  );
}

function Values({ rules, set }: PartProps) {
  const { t } = useTranslation("imports");
  const all = useMemo(countries, []);
  return (
    <fieldset className={classes.set}>
      <legend>{t("rules.values")}</legend>
      <Choices name="empty_cells" values={["keep", "clear"]} rules={rules} set={set} />
      <Choices name="bad_values" values={["reject", "leave_out"]} rules={rules} set={set} />
      <div className={classes.grid}>
        <Select
          label={t("rules.country")}
          description={t("rules.countryHint")}
          inputWrapperOrder={["label", "input", "description"]}
          placeholder={t("rules.countryDefault")}
          data={all}
          searchable
          clearable
          value={rules.country || null}
          onChange={(country) => set({ country: country ?? "" })}
        />
        <TextInput
          label={t("rules.list")}
          description={t("rules.listHint")}
          inputWrapperOrder={["label", "input", "description"]}
          maxLength={5}
          value={rules.list_delimiter}
          onChange={({ currentTarget: { value } }) => set({ list_delimiter: value })}
          error={!rules.list_delimiter && t("rules.listEmpty")}
        />
      </div>
    </fieldset>
  );
}

function Extras({ source, rules, set }: PartProps & { source: Import }) {
  const { t } = useTranslation("imports");
  const maySegments = useMay("segments:write");
  return (
    <fieldset className={classes.set}>
      <legend>{t("rules.extras")}</legend>
      <TagsInput
        label={t("rules.tags")}
        description={t("rules.tagsHint", { name: source.name })}
        inputWrapperOrder={["label", "input", "description"]}
        size="sm"
        maxTags={50}
        maxLength={200}
        value={[...rules.tags]}
        onChange={(tags) => set({ tags })}
        acceptValueOnBlur
      />
      {maySegments && (
        <SegmentPicker
          label={t("rules.segments")}
          kind="static"
          max={MOST_SEGMENTS}
          value={rules.segments}
          onChange={(segments) => set({ segments })}
        />
      )}
    </fieldset>
  );
}

interface ConsentsProps {
  source: Import;
  consents: readonly Consent[];
  onChange: (consents: Consent[]) => void;
}

function Consents({ source, consents, onChange }: ConsentsProps) {
  const { t } = useTranslation("imports");
  const columns = source.columns.map(({ place, header }) => ({
    value: String(place),
    label: header || t("columns.unnamed", { place }),
  }));
  const change = (at: number, part: Partial<Consent>) =>
    onChange(consents.map((consent, place) => (place === at ? { ...consent, ...part } : consent)));
  return (
    <fieldset className={classes.set}>
      <legend>{t("consent.title")}</legend>
      <p className={classes.text}>{t("consent.text")}</p>
      {consents.map((consent, at) => {
        const channel = t(`channel.${consent.channel}`);
        return (
          <div className={classes.consent} key={consent.channel}>
            <Select
              size="xs"
              label={t("consent.channel")}
              allowDeselect={false}
              data={CHANNELS.filter(
                (each) => each === consent.channel || !consents.some((other) => other.channel === each),
              ).map((value) => ({ value, label: t(`channel.${value}`) }))}
              value={consent.channel}
              onChange={(value) => change(at, { channel: CHANNELS.find((each) => each === value) ?? consent.channel })}
            />
            <Select
              size="xs"
              label={t("consent.who")}
              allowDeselect={false}
              searchable
              data={[{ value: EVERYONE, label: t("consent.everyone") }, ...columns]}
              value={consent.column ? String(consent.column) : EVERYONE}
              onChange={(value) => change(at, { column: value && value !== EVERYONE ? Number(value) : null })}
            />
            <TextInput
              size="xs"
              label={t("consent.source")}
              placeholder={t("consent.sourceExample")}
              maxLength={200}
              value={consent.source}
              onChange={({ currentTarget: { value } }) => change(at, { source: value })}
            />
            <ActionIcon
              size={30}
              aria-label={t("consent.remove", { channel })}
              onClick={() => onChange(consents.filter((_, place) => place !== at))}
            >
              <IconX size={15} />
            </ActionIcon>
          </div>
        );
      })}
      {consents.length < CHANNELS.length && (
        <Button
          variant="default"
          style={{ alignSelf: "flex-start" }}
          leftSection={<IconPlus size={14} />}
          onClick={() => onChange(withConsent(consents))}
        >
          {t("consent.add")}
        </Button>
      )}
    </fieldset>
  );
}
