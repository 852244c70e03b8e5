import { Button, PasswordInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLogOut } from "@/app/shell/UserMenu";
import { useSession } from "@/app/workspace";
import { notifyDone } from "@/shared";
import classes from "../Settings.module.css";
import { own } from "./own";
import { useOwn } from "./useOwn";

/** Another password. All sessions end: one logs in again with it. */
export function Password() {
  const { t } = useTranslation("settings");
  const { user } = useSession();
  const logOut = useLogOut();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const { busy, problems, run } = useOwn();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await own.changePassword(current, next);
      notifyDone(t("account.passwordChanged"));
      await logOut();
    });
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <div role="alert">{problems[""] && <p className={classes.problem}>{problems[""]}</p>}</div>
      <input type="email" name="email" autoComplete="username" value={user.email} readOnly hidden />
      <PasswordInput
        label={t("account.current")}
        autoComplete="current-password"
        required
        withAsterisk={false}
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        error={problems.current_password}
      />
      <PasswordInput
        label={t("account.next")}
        description={t("account.nextHint")}
        autoComplete="new-password"
        required
        withAsterisk={false}
        minLength={10}
        value={next}
        onChange={(event) => setNext(event.target.value)}
        error={problems.new_password}
      />
      <div className={classes.buttons} data-start>
        <Button type="submit" loading={busy} disabled={!current || !next}>
          {t("account.change")}
        </Button>
      </div>
    </form>
  );
}
