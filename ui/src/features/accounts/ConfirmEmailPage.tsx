import { Button } from "@mantine/core";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { auth } from "@/api/auth";
import { notifyDone } from "@/shared/notify";
import { Card } from "./Card";
import { Problem } from "./Problem";
import { useStep } from "./useStep";

const route = getRouteApi("/confirm-email/$key");

/** Confirming an address through the link of a mail; a press of the button, since mail programs open links too. */
export function ConfirmEmailPage() {
  const { t } = useTranslation("accounts");
  const { key } = route.useParams();
  const navigate = useNavigate();
  const { busy, problems, run } = useStep();
  const confirm = async () => {
    if (await run(() => auth.confirmEmail(key))) {
      notifyDone(t("confirm.done"));
      await navigate({ to: "/", replace: true });
    }
  };
  return (
    <Card title={t("confirm.title")} foot={<Link to="/login">{t("reset.back")}</Link>}>
      <Problem text={problems.key ? t("confirm.badKey") : problems[""]} />
      <Button size="sm" mt="md" loading={busy} onClick={() => void confirm()}>
        {t("confirm.submit")}
      </Button>
    </Card>
  );
}
