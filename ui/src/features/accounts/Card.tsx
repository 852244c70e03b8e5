import type { ReactNode } from "react";
import { Logo } from "@/shared/Logo";
import { useTitle } from "@/shared/PageHeader";
import classes from "./Card.module.css";

interface CardProps {
  title: string;
  text?: ReactNode;
  children?: ReactNode;
  /** Links below. */
  foot?: ReactNode;
}

/** A page outside of any workspace: one card in the middle. */
export function Card({ title, text, children, foot }: CardProps) {
  useTitle(title);
  return (
    <main id="main" tabIndex={-1} className={classes.page}>
      <div className={classes.card}>
        <Logo size={36} />
        <h1 className={classes.title}>{title}</h1>
        {text && <p className={classes.text}>{text}</p>}
        {children}
      </div>
      {foot && <div className={classes.foot}>{foot}</div>}
    </main>
  );
}
