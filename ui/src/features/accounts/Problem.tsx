import classes from "./Card.module.css";

/** What is wrong with a form as a whole. */
export function Problem({ text }: { text: string | undefined }) {
  return <div role="alert">{text && <p className={classes.problem}>{text}</p>}</div>;
}
