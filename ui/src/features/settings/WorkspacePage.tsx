import { Button, Select, TextInput } from "@mantine/core";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useMay, useWorkspace, type Workspace } from "@/app/workspace";
import { currentLanguage, LANGUAGES, type Language, offerLanguage } from "@/i18n";
import { CopyButton, formatDate, messageOf, notifyDone, PageHeader } from "@/shared";
import classes from "./Settings.module.css";

/** The workspace itself: name, time zone, language. Whoever may not change them reads them. */
export function WorkspacePage() {
  const { t } = useTranslation("settings");
  const workspace = useWorkspace();
  const may = useMay("workspace:manage");
  return (
    <>
      <PageHeader title={t("parts.workspace")} />
      {may ? <Form key={workspace.slug} workspace={workspace} /> : <Facts workspace={workspace} />}
    </>
  );
}

function Facts({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation("settings");
  const { name, slug, timezone, language, created_at } = workspace;
  return (
    <dl className={classes.facts}>
      <dt>{t("workspace.name")}</dt>
      <dd>{name}</dd>
      <dt>{t("workspace.slug")}</dt>
      <dd>{slug}</dd>
      <dt>{t("workspace.timezone")}</dt>
      <dd>{timezone}</dd>
      <dt>{t("workspace.language")}</dt>
      <dd>{languageName(language)}</dd>
      <dt>{t("workspace.since")}</dt>
      <dd>{formatDate(created_at, timezone)}</dd>
    </dl>
  );
}

function Form({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation(["settings", "common"]);
  const [name, setName] = useState(workspace.name);
  const [timezone, setTimezone] = useState(workspace.timezone);
  const [language, setLanguage] = useState(workspace.language);
  const zones = useMemo(() => {
    const known = Intl.supportedValuesOf("timeZone");
    return [...new Set(["UTC", workspace.timezone, ...known])];
  }, [workspace.timezone]);
  const languages = (Object.keys(LANGUAGES) as Language[]).map((value) => ({ value, label: languageName(value) }));
  const change = useWrite("patch", "/api/v1/workspaces/{slug}", {
    refresh: ["/api/v1/session", "/api/v1/workspaces/{slug}/people"],
    meta: { quiet: true },
    onSuccess: async (saved) => {
      await offerLanguage(saved.language);
      notifyDone(t("saved"));
    },
  });
  const dirty = name !== workspace.name || timezone !== workspace.timezone || language !== workspace.language;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ params: { path: { slug: workspace.slug } }, body: { name: name.trim(), timezone, language } });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <div role="alert">{change.error && <p className={classes.problem}>{messageOf(change.error)}</p>}</div>
      <TextInput
        label={t("workspace.name")}
        required
        withAsterisk={false}
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Select
        label={t("workspace.timezone")}
        description={t("workspace.timezoneHint")}
        searchable
        data={zones}
        limit={80}
        value={timezone}
        onChange={(value) => value && setTimezone(value)}
      />
      <Select
        label={t("workspace.language")}
        description={t("workspace.languageHint")}
        allowDeselect={false}
        data={languages}
        value={language}
        onChange={(value) => value && setLanguage(value)}
      />
      <TextInput
        label={t("workspace.slug")}
        description={t("workspace.slugHint")}
        readOnly
        value={workspace.slug}
        rightSection={<CopyButton value={workspace.slug} label={t("workspace.copySlug")} />}
      />
      <p className={classes.quiet}>
        {t("workspace.since")} {formatDate(workspace.created_at, workspace.timezone)}
      </p>
      <div className={classes.buttons} data-start>
        <Button type="submit" loading={change.isPending} disabled={!dirty || !name.trim()}>
          {t("common:actions.save")}
        </Button>
      </div>
    </form>
  );
}

function languageName(language: Language): string {
  return new Intl.DisplayNames(currentLanguage(), { type: "language" }).of(language) ?? LANGUAGES[language];
}
