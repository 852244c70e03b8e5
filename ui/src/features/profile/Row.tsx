import type { ReactNode } from "react";
import classes from "./Details.module.css";

/** A name and what is known under it, in a list of details. */
export function Row({ name, title, children }: { name: string; title?: string; children: ReactNode }) {
  return (
    <div className={classes.row}>
      <dt className={classes.name} title={title}>
        {name}
      </dt>
      <dd className={classes.cell}>{children}</dd>
    </div>
  );
}
