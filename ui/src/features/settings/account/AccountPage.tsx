import { useTranslation } from "react-i18next";
import { useSession, useWorkspace } from "@/app/workspace";
import { PageHeader } from "@/shared";
import classes from "../Settings.module.css";
import { JobMails } from "./JobMails";
import { Password } from "./Password";
import { SecondFactor } from "./SecondFactor";

/** The reader's own account: who they are, their password and second factor. */
export function AccountPage() {
  const { t } = useTranslation(["settings", "common"]);
  const { user } = useSession();
  const { role } = useWorkspace();
  return (
    <>
      <PageHeader title={t("parts.account")} />
      <dl className={classes.facts}>
        {user.name && (
          <>
            <dt>{t("account.name")}</dt>
            <dd>{user.name}</dd>
          </>
        )}
        <dt>{t("account.email")}</dt>
        <dd>{user.email}</dd>
        {role && (
          <>
            <dt>{t("team.role")}</dt>
            <dd>
              {t(`common:workspace.roles.${role}`)}
              <div className={classes.quiet}>{t(`roleText.${role}`)}</div>
            </dd>
          </>
        )}
      </dl>
      <h2 className={classes.heading}>{t("account.mails")}</h2>
      <JobMails />
      <h2 className={classes.heading}>{t("account.password")}</h2>
      <Password />
      <h2 className={classes.heading}>{t("account.factor")}</h2>
      <SecondFactor />
    </>
  );
}
