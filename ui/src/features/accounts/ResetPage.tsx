import { Button, PasswordInput } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { auth } from "@/api/auth";
import { notifyDone } from "@/shared/notify";
import { Card } from "./Card";
import classes from "./Card.module.css";
import { Problem } from "./Problem";
import { useStep } from "./useStep";

const route = getRouteApi("/reset/$key");

/** Setting a new password through the link of a mail. */
export function ResetPage() {
  const { t } = useTranslation("accounts");
  const { key } = route.useParams();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const { busy, problems, run } = useStep();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    // Setting it does not log in: the answer says so, and the login page is next.
    if (await run(() => auth.reset({ key, password }))) {
      notifyDone(t("reset.done"));
      await navigate({ to: "/login", replace: true });
    }
  };
  return (
    <Card
      title={t("reset.newTitle")}
      foot={
        <>
          <Link to="/login">{t("reset.back")}</Link>
          {problems.key && <Link to="/reset">{t("reset.again")}</Link>}
        </>
      }
    >
      <form className={classes.form} onSubmit={submit}>
        <Problem text={problems.key ?? problems[""]} />
        <PasswordInput
          label={t("reset.newPassword")}
          description={t("signUp.hint")}
          name="password"
          autoComplete="new-password"
          minLength={10}
          required
          withAsterisk={false}
          autoFocus
          value={password}
          error={problems.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t("reset.newSubmit")}
        </Button>
      </form>
    </Card>
  );
}
