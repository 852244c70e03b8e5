import { Button } from "@mantine/core";
import { IconMapQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useTitle } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states";
import { Frame } from "./Frame";

/** What an address without a page shows. */
export function MissingPage() {
  const { t } = useTranslation();
  useTitle(t("problem.missing"));
  return (
    <Frame>
      <EmptyState
        heading="h1"
        icon={<IconMapQuestion size={22} />}
        title={t("problem.missing")}
        text={t("problem.missingText")}
        action={
          <Button component="a" href="/" variant="default">
            {t("problem.home")}
          </Button>
        }
      />
    </Frame>
  );
}
