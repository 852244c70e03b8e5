import { Anchor } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { useSlug } from "@/app/workspace";
import { useFoundPeople } from "@/shared/findPeople";
import { isHeld } from "@/shared/sentences";
import classes from "./List.module.css";

const MOST = 5;

/**
 * Whom a searched text names by number or by an id of a channel or a source. Filters know neither, so these people are
 * no rows of the list: they may be outside its filter too.
 */
export function FoundById({ text }: { text: string }) {
  const { t } = useTranslation("people");
  const slug = useSlug();
  const { people, behind } = useFoundPeople(text, MOST);
  const found = behind ? [] : people.filter(({ values }) => !isHeld(values, text));
  return (
    <p className={classes.byId} role="status" hidden={!found.length}>
      {found.length > 0 && t("search.byId")}
      {found.map((person) => (
        <Anchor
          key={person.number}
          size="sm"
          renderRoot={(props) => (
            <Link to="/w/$slug/people/$number" params={{ slug, number: person.number }} {...props} />
          )}
        >
          {nameOf(person)}
        </Anchor>
      ))}
    </p>
  );
}

function nameOf({ number, values }: Schemas["PersonItem"]): string {
  return [values.name ?? values.email, `#${number}`].filter(Boolean).join(" · ");
}
