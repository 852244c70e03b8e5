import { Button, PasswordInput, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { auth, isPending, offers } from "@/api/auth";
import { Card } from "./Card";
import classes from "./Card.module.css";
import { Problem } from "./Problem";
import { safeNext } from "./safeNext";
import { useStep } from "./useStep";

const route = getRouteApi("/login");

/** Logging in: email and password, then the code of the second factor where there is one. */
export function LoginPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const client = useQueryClient();
  const state = useQuery({ queryKey: ["auth"], queryFn: auth.state, staleTime: 0, gcTime: 0 });
  const [asksFactor, setAsksFactor] = useState(false);

  const enter = async () => {
    client.clear();
    await router.navigate({ href: safeNext(next) ?? "/", replace: true });
  };
  const entered = state.data?.authenticated === true;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only on being logged in already
  useEffect(() => {
    if (entered) void enter();
  }, [entered]);

  const waitsForCode = state.data !== undefined && isPending(state.data, "mfa_authenticate");
  if (asksFactor || waitsForCode) return <Factor enter={enter} />;
  return (
    <Password
      canSignUp={state.data !== undefined && offers(state.data, "signup")}
      enter={enter}
      askFactor={() => setAsksFactor(true)}
    />
  );
}

interface PasswordProps {
  canSignUp: boolean;
  enter: () => Promise<void>;
  askFactor: () => void;
}

function Password({ canSignUp, enter, askFactor }: PasswordProps) {
  const { t } = useTranslation("accounts");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const { busy, problems, run } = useStep();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await run(() => auth.login({ email, password }));
    if (answer?.authenticated) await enter();
    else if (answer && isPending(answer, "mfa_authenticate")) askFactor();
  };
  return (
    <Card
      title={t("login.title")}
      foot={
        <>
          <Link to="/reset">{t("login.forgot")}</Link>
          {canSignUp && <Link to="/signup">{t("login.signUp")}</Link>}
        </>
      }
    >
      <form className={classes.form} onSubmit={submit}>
        <Problem text={problems[""] ?? problems.password} />
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
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t("login.submit")}
        </Button>
      </form>
    </Card>
  );
}

function Factor({ enter }: { enter: () => Promise<void> }) {
  const { t } = useTranslation("accounts");
  const [code, setCode] = useState("");
  const { busy, problems, run } = useStep();
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const answer = await run(() => auth.secondFactor(code.replace(/\s/g, "")));
    if (answer?.authenticated) await enter();
  };
  const restart = async () => {
    await auth.logOut().catch(() => undefined);
    location.assign("/login");
  };
  return (
    <Card title={t("factor.title")} text={t("factor.text")}>
      <form className={classes.form} onSubmit={submit}>
        <Problem text={problems[""]} />
        <TextInput
          label={t("factor.code")}
          name="code"
          autoComplete="one-time-code"
          inputMode="numeric"
          required
          withAsterisk={false}
          autoFocus
          value={code}
          error={problems.code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={busy}>
          {t("factor.submit")}
        </Button>
        <Button variant="subtle" color="gray" size="sm" onClick={() => void restart()}>
          {t("factor.back")}
        </Button>
      </form>
    </Card>
  );
}
