import { Button, TextInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { auth } from "@/api/auth";
import { Card } from "./Card";
import classes from "./Card.module.css";
import { Problem } from "./Problem";
import { useStep } from "./useStep";

/** Asking for a link to set a new password. What it says does not tell whether there is such an account. */
export function RequestResetPage() {
  const { t } = useTranslation("accounts");
  const [email, setEmail] = useState("");
  const [sent, setSent] = useState(false);
  const { busy, problems, run } = useStep();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setSent((await run(() => auth.requestReset(email))) !== null);
  };
  const foot = <Link to="/login">{t("reset.back")}</Link>;
  if (sent) return <Card title={t("reset.sent")} text={t("reset.sentText", { email })} foot={foot} />;
  return (
    <Card title={t("reset.title")} text={t("reset.text")} foot={foot}>
      <form className={classes.form} onSubmit={submit}>
        <Problem text={problems[""]} />
        <TextInput
          label={t("email")}
          type="email"
          name="email"
          autoComplete="username"
          required
          withAsterisk={false}
          autoFocus
          value={email}
          error={problems.email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t("reset.submit")}
        </Button>
      </form>
    </Card>
  );
}
