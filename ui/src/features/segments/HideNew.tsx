import { Button, Collapse } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/workspace";
import classes from "./dialogs.module.css";
import { type Hidden, HiddenFields } from "./HiddenFields";

/** In a form for a new segment: from whom it is hidden, for those who may hide one. */
export function HideNew(props: { value: Hidden; onChange: (value: Hidden) => void }) {
  // On pages of other features, the words of this one may still be on their way.
  return useMay("segments:hide") ? (
    <Suspense>
      <Part {...props} />
    </Suspense>
  ) : null;
}

function Part({ value, onChange }: { value: Hidden; onChange: (value: Hidden) => void }) {
  const { t } = useTranslation("segments");
  const [open, setOpen] = useState(false);
  const chosen = value.roles.length + value.users.length;
  return (
    <div>
      <Button
        variant="subtle"
        size="compact-sm"
        ml={-8}
        leftSection={<IconEyeOff size={15} stroke={1.7} />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {chosen ? t("hide.chosen", { count: chosen }) : t("hide.open")}
      </Button>
      <Collapse expanded={open}>
        <p className={classes.text}>{t("hide.text")}</p>
        <HiddenFields value={value} onChange={onChange} />
      </Collapse>
    </div>
  );
}
