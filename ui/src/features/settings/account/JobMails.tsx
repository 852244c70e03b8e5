import { Radio } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useWrite } from "@/api";
import { useSession } from "@/app/workspace";
import { notifyDone } from "@/shared";
import classes from "../Settings.module.css";

const CHOICES = ["always", "long", "never"] as const;

/** When the reader gets mails about jobs that they have started; kept at once. */
export function JobMails() {
  const { t } = useTranslation("settings");
  const { user } = useSession();
  const [chosen, setChosen] = useState(user.job_mails);
  const change = useWrite("patch", "/api/v1/session", {
    refresh: ["/api/v1/session"],
    onSuccess: () => notifyDone(t("saved")),
    onError: () => setChosen(user.job_mails),
  });
  const choose = (value: string) => {
    const wanted = CHOICES.find((each) => each === value);
    if (!wanted) return;
    setChosen(wanted);
    change.mutate({ body: { job_mails: wanted } });
  };
  return (
    <Radio.Group
      className={classes.form}
      label={t("account.jobMails")}
      description={t("account.jobMailsText")}
      value={chosen}
      onChange={choose}
    >
      {CHOICES.map((value) => (
        <Radio key={value} mt="xs" value={value} label={t(`account.jobMailsWhen.${value}`)} />
      ))}
    </Radio.Group>
  );
}
