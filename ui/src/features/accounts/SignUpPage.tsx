import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { auth, isPending, offers } from "@/api/auth";
import { Card } from "./Card";
import classes from "./Card.module.css";
import { Problem } from "./Problem";
import { useStep } from "./useStep";

/** Making an account; only where the installation lets strangers in, or has no user yet. */
export function SignUpPage() {
  const { t } = useTranslation("accounts");
  const navigate = useNavigate();
  const client = useQueryClient();
  const state = useQuery({ queryKey: ["auth"], queryFn: auth.state, staleTime: 0, gcTime: 0 });
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [verifies, setVerifies] = useState(false);
  const { busy, problems, run } = useStep();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await run(() => auth.signUp({ email, password }));
    if (answer?.authenticated) {
      client.clear();
      await navigate({ to: "/", replace: true });
    } else if (answer && isPending(answer, "verify_email")) setVerifies(true);
  };
  const foot = <Link to="/login">{t("signUp.have")}</Link>;
  if (verifies) return <Card title={t("signUp.verify")} text={t("signUp.verifyText", { email })} foot={foot} />;
  if (state.data && !offers(state.data, "signup")) {
    return <Card title={t("signUp.closed")} text={t("signUp.closedText")} foot={foot} />;
  }
  return (
    <Card title={t("signUp.title")} foot={foot}>
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
        <PasswordInput
          label={t("password")}
          description={t("signUp.hint")}
          name="password"
          autoComplete="new-password"
          minLength={10}
          required
          withAsterisk={false}
          value={password}
          error={problems.password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t("signUp.submit")}
        </Button>
      </form>
    </Card>
  );
}
