import { Button, Skeleton } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { messageOf } from "./messages";
import classes from "./states.module.css";

interface EmptyStateProps {
  /** h1 where the page has no other. */
  heading?: "h1" | "h2";
  icon?: ReactNode;
  title: string;
  text?: ReactNode;
  /** One action: what to do about it. */
  action?: ReactNode;
}

/** Where a list would be, when there is nothing in it. */
export function EmptyState({ heading: Heading = "h2", icon, title, text, action }: EmptyStateProps) {
  return (
    <div className={classes.state}>
      {icon && (
        <div className={classes.icon} aria-hidden="true">
          {icon}
        </div>
      )}
      <Heading className={classes.title}>{title}</Heading>
      {text && <p className={classes.text}>{text}</p>}
      {action}
    </div>
  );
}

/** Where content would be, when it could not be read. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  return (
    <div className={classes.state} role="alert">
      <div className={classes.icon} aria-hidden="true">
        <IconAlertTriangle size={22} />
      </div>
      <h2 className={classes.title}>{t("problem.title")}</h2>
      <p className={classes.text}>{messageOf(error)}</p>
      {retry && (
        <Button variant="default" onClick={retry}>
          {t("actions.retry")}
        </Button>
      )}
    </div>
  );
}

/** Rows to come. Shown only where nothing was shown before: old rows stay while new ones are fetched. */
export function RowsSkeleton({ rows = 8 }: { rows?: number }) {
  const { t } = useTranslation();
  return (
    <div className={classes.rows} role="status" aria-label={t("loading")}>
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows that never move
        <div className={classes.row} key={row}>
          <Skeleton height={10} width={`${18 + ((row * 7) % 12)}%`} radius="xl" />
          <Skeleton height={10} width={`${26 + ((row * 5) % 14)}%`} radius="xl" />
          <Skeleton height={10} width="10%" radius="xl" />
        </div>
      ))}
    </div>
  );
}

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
  /** Below a list that reaches to the edges of the page. */
  edge?: boolean;
}

/** Below a list that is read page by page: the next one, while there is one. */
export function More({ query, edge = false }: MoreProps) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <div className={classes.more} data-edge={edge || undefined}>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t("actions.more")}
      </Button>
    </div>
  );
}
