import { Link } from "@tanstack/react-router";
import type { TFunction } from "i18next";
import { type CSSProperties, type MouseEvent, memo } from "react";
import { hueOf, initialsOf, own } from "@/shared";
import { Cell } from "./Cell";
import classes from "./PeopleTable.module.css";
import type { Person } from "./usePeople";
import type { Column } from "./view";

interface RowProps {
  person: Person;
  index: number;
  columns: readonly Column[];
  fields: ReadonlyMap<string, { type: string }>;
  slug: string;
  zone: string;
  t: TFunction<"people">;
  place: { transform: string; height: number };
  selected: boolean;
  active: boolean;
  onChoose: (index: number, selected: boolean, range: boolean) => void;
  onOpen: (number: number) => void;
}

const ADDRESSES = ["email", "phone", "username", "user_id"];

/**
 * One person of the list. A click anywhere opens the profile; the name is a link to it.
 *
 * While one scrolls, hundreds are drawn in a second: a row is made of plain elements, and what all rows share is given
 * to it rather than asked for by each.
 */
export const PersonRow = memo(
  function PersonRow(props: RowProps) {
    const { person, index, columns, fields, slug, zone, t, place, selected, active, onChoose, onOpen } = props;
    const { number, values } = person;
    const address = ADDRESSES.map((key) => values[key]).find((each) => typeof each === "string" && each);
    // Once is enough: not where a column of its own has it.
    const repeated = columns.some(({ field }) => ADDRESSES.includes(field) && values[field] === address);
    const given = typeof values.name === "string" ? values.name : "";
    const name = given || (address ? String(address) : t("unnamed", { number }));
    const hue = hueOf(name);
    const onClick = (event: MouseEvent) => {
      if ((event.target as HTMLElement).closest("a, button, input, label")) return;
      // Marking text is no click.
      if (window.getSelection()?.toString()) return;
      onOpen(number);
    };
    return (
      // biome-ignore lint/a11y: the link inside does the same for the keyboard
      <div
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        className={classes.row}
        data-index={index}
        data-selected={selected || undefined}
        data-active={active || undefined}
        style={place as CSSProperties}
        onClick={onClick}
      >
        {/* biome-ignore lint/a11y: a cell of a table that is laid out by hand */}
        <div role="cell" className={classes.box}>
          <input
            type="checkbox"
            className={classes.check}
            aria-label={t("select.one", { name })}
            checked={selected}
            onChange={(event) =>
              onChoose(
                index,
                event.currentTarget.checked,
                (event.nativeEvent as Event & { shiftKey?: boolean }).shiftKey ?? false,
              )
            }
          />
        </div>
        {/* biome-ignore lint/a11y: as above */}
        <div role="cell" className={classes.first}>
          <span
            className={classes.initials}
            style={{
              background: `var(--mantine-color-${hue}-light)`,
              color: `color-mix(in srgb, var(--mantine-color-${hue}-light-color) 62%, var(--ink))`,
            }}
            aria-hidden="true"
          >
            {initialsOf(given || String(address ?? "#"))}
          </span>
          <Link
            to="/w/$slug/people"
            params={{ slug }}
            search={(before: object) => ({ ...before, person: number })}
            className={classes.name}
            preload={false}
          >
            {name}
          </Link>
          {address !== undefined && address !== name && !repeated && (
            <span className={classes.address}>{String(address)}</span>
          )}
          {values.banned === true && <span className={classes.banned}>{t("cell.banned")}</span>}
        </div>
        {columns.map(({ field }) => (
          // biome-ignore lint/a11y: as above
          <div role="cell" key={field} className={classes.cell}>
            <Cell type={fields.get(field)?.type} value={own(values, field)} zone={zone} t={t} />
          </div>
        ))}
      </div>
    );
  },
  (one, two) =>
    one.person === two.person &&
    one.index === two.index &&
    one.selected === two.selected &&
    one.active === two.active &&
    one.columns === two.columns &&
    one.fields === two.fields &&
    one.t === two.t &&
    one.place.transform === two.place.transform &&
    one.place.height === two.place.height &&
    one.onChoose === two.onChoose,
);
