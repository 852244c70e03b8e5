import { type ReactNode, useEffect } from "react";
import { Count } from "./Count";
import classes from "./PageHeader.module.css";

interface PageHeaderProps {
  title: string;
  /** How many there are, beside the title. */
  count?: number | undefined;
  /** Buttons at the right. */
  actions?: ReactNode;
  /** A second line: tabs, a sentence. */
  children?: ReactNode;
}

/** The head of a page: its h1, which is the document's title too. Every page has exactly one. */
export function PageHeader({ title, count, actions, children }: PageHeaderProps) {
  useTitle(title);
  return (
    <header className={classes.header}>
      <div className={classes.line}>
        <h1 className={classes.title}>{title}</h1>
        {count !== undefined && (
          <span className={classes.count}>
            <Count value={count} />
          </span>
        )}
        {actions && <div className={classes.actions}>{actions}</div>}
      </div>
      {children}
    </header>
  );
}

/** Names the document; for pages that show their title in another way than by PageHeader. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Coterie`;
  }, [title]);
}
