import { type ReactNode, useId } from "react";
import classes from "./Details.module.css";

/** A part of the profile under its own heading. */
export function Section({ title, tools, children }: { title: string; tools?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 className={classes.heading} id={id}>
          {title}
        </h2>
        {tools}
      </div>
      {children}
    </section>
  );
}
