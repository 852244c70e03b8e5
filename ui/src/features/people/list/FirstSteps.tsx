import { Button, Group } from "@mantine/core";
import { IconFileImport, IconKey, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay, useSlug } from "@/app/workspace";

const NewPerson = lazy(() => import("./NewPerson"));

/** Where nobody is yet: how the first people come in, as far as the reader may do it. */
export function FirstSteps() {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const mayWrite = useMay("people:write");
  const mayKeys = useMay("keys:manage");
  const [adding, setAdding] = useState(false);
  return (
    <Group gap="xs" justify="center">
      {mayWrite && (
        <>
          <Button leftSection={<IconPlus size={14} />} onClick={() => setAdding(true)}>
            {t("add.open")}
          </Button>
          <Button
            variant="default"
            leftSection={<IconFileImport size={15} stroke={1.7} />}
            renderRoot={(props) => <Link to="/w/$slug/imports" params={{ slug }} {...props} />}
          >
            {t("add.import")}
          </Button>
        </>
      )}
      {mayKeys && (
        <Button
          variant="default"
          leftSection={<IconKey size={15} stroke={1.7} />}
          renderRoot={(props) => <Link to="/w/$slug/settings/keys" params={{ slug }} {...props} />}
        >
          {t("empty.key")}
        </Button>
      )}
      <Suspense>{adding && <NewPerson onClose={() => setAdding(false)} />}</Suspense>
    </Group>
  );
}
