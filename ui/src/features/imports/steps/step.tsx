import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { messageOf } from "@/shared";
import type { Import } from "../addresses";
import type { Draft } from "../draft";
import classes from "../Imports.module.css";
import type { Step } from "../routes";

export interface StepProps {
  source: Import;
  draft: Draft;
  onDraft: (draft: Draft) => void;
  go: (step: Step) => void;
}

interface FootProps {
  onBack?: () => void;
  /** What stands in the way of going on, or what went wrong. */
  problem?: string | undefined;
  error?: unknown;
  children?: ReactNode;
}

/** The lower end of a step: back, what is in the way, and the way on. */
export function Foot({ onBack, problem, error, children }: FootProps) {
  const { t } = useTranslation();
  const told = error ? messageOf(error) : problem;
  return (
    <div className={classes.foot}>
      {onBack && (
        <Button variant="default" leftSection={<IconArrowLeft size={14} />} onClick={onBack}>
          {t("actions.back")}
        </Button>
      )}
      <div role="alert">{told && <p className={classes.problem}>{told}</p>}</div>
      <div className={classes.footEnd}>{children}</div>
    </div>
  );
}
