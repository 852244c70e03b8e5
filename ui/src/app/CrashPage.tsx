import { Button } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api";
import { messageOf } from "@/shared/messages";
import { useTitle } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states";
import { Frame } from "./Frame";

/** What a page shows that has thrown: an error of the API in its words, a fault of ours with a way out. */
export function CrashPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  useTitle(t("problem.title"));
  const ofApi = error instanceof ApiError;
  // After an update the parts of the old version are gone from the server.
  const isOld = error instanceof Error && /dynamically imported module|module script/i.test(error.message);
  return (
    <Frame>
      <div role="alert">
        <EmptyState
          heading="h1"
          icon={<IconAlertTriangle size={22} />}
          title={ofApi ? t("problem.title") : isOld ? t("problem.updated") : t("problem.crash")}
          text={ofApi ? messageOf(error) : t("problem.crashText")}
          action={
            <Button variant="default" onClick={() => (ofApi ? reset() : location.reload())}>
              {ofApi ? t("actions.retry") : t("problem.reload")}
            </Button>
          }
        />
      </div>
    </Frame>
  );
}
