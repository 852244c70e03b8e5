import { Button, Select, TextInput, UnstyledButton } from "@mantine/core";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useLogOut } from "@/app/shell/UserMenu";
import { useSession } from "@/app/workspace";
import { currentLanguage } from "@/i18n";
import { messageOf } from "@/shared/messages";
import { Card } from "./Card";
import classes from "./Card.module.css";
import { Problem } from "./Problem";
import { slugOf } from "./slug";

/** Making a workspace: the first page of someone who belongs to none. */
export function WelcomePage() {
  const { t } = useTranslation(["accounts", "common"]);
  const navigate = useNavigate();
  const logOut = useLogOut();
  const { workspaces } = useSession();
  const [name, setName] = useState("");
  const [ownSlug, setOwnSlug] = useState<string | null>(null);
  const [timezone, setTimezone] = useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const zones = useMemo(() => [...new Set(["UTC", ...Intl.supportedValuesOf("timeZone")])], []);
  const create = useWrite("post", "/api/v1/workspaces", { refresh: ["/api/v1/session"], meta: { quiet: true } });
  const slug = ownSlug ?? slugOf(name);
  const taken = create.error?.code === "slug_taken";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      const body = { name, slug, timezone, language: currentLanguage() };
      const made = await create.mutateAsync({ body });
      await navigate({ to: "/w/$slug/people", params: { slug: made.slug } });
    } catch {
      // Shown from create.error.
    }
  };
  return (
    <Card
      title={t("welcome.title")}
      text={t("welcome.text")}
      foot={
        <>
          {workspaces.length > 0 && <Link to="/">{t("common:actions.back")}</Link>}
          <UnstyledButton fz="sm" c="dimmed" onClick={() => void logOut()}>
            {t("welcome.logOut")}
          </UnstyledButton>
        </>
      }
    >
      <form className={classes.form} onSubmit={submit}>
        <Problem text={create.error && !taken ? messageOf(create.error) : undefined} />
        <TextInput
          label={t("welcome.name")}
          required
          withAsterisk={false}
          maxLength={120}
          autoFocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t("welcome.slug")}
          description={t("welcome.slugHint")}
          required
          withAsterisk={false}
          maxLength={48}
          pattern="[a-z0-9]([a-z0-9\-]*[a-z0-9])?"
          value={slug}
          error={taken ? t("problems.slug_taken") : undefined}
          onChange={(event) => setOwnSlug(event.currentTarget.value)}
        />
        <Select
          label={t("welcome.timezone")}
          data={zones}
          searchable
          allowDeselect={false}
          value={timezone}
          onChange={(value) => value && setTimezone(value)}
          limit={100}
        />
        <Button type="submit" size="sm" loading={create.isPending}>
          {t("welcome.submit")}
        </Button>
      </form>
    </Card>
  );
}
