import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api";
import { Count } from "@/shared";
import classes from "./RegionList.module.css";
import { colourOf, largestFirst, regionKey } from "./regions";

interface RegionListProps {
  segments: readonly { id: string; name: string }[];
  regions: readonly Schemas["RegionOut"][];
  /** The key of the region that is chosen. */
  chosen: string | null;
  choose: (inside: string[]) => void;
}

/** All regions as bars, the largest first: dots say in which segments its people are. */
export function RegionList({ segments, regions, chosen, choose }: RegionListProps) {
  const { t } = useTranslation("segments");
  const most = Math.max(1, ...regions.map((region) => region.count));
  const names = new Map(segments.map(({ id, name }) => [id, name]));
  return (
    <div>
      <ul className={classes.key} aria-label={t("overlap.members")}>
        {segments.map(({ id, name }, place) => (
          <li key={id}>
            <Dot place={place} />
            <span className="truncate">{name}</span>
          </li>
        ))}
      </ul>
      <ul className={classes.list} aria-label={t("overlap.regions")}>
        {largestFirst(regions).map(({ inside, count }) => (
          <li key={regionKey(inside)}>
            <button
              type="button"
              className={classes.region}
              aria-pressed={chosen === regionKey(inside)}
              onClick={() => choose(inside)}
            >
              <span className={classes.dots} aria-hidden="true">
                {segments.map(({ id }, place) =>
                  inside.includes(id) ? <Dot key={id} place={place} /> : <Dot key={id} />,
                )}
              </span>
              <span className={`${classes.name} truncate`}>
                {inside.length === 1
                  ? t("overlap.only", { name: names.get(inside[0] ?? "") ?? "" })
                  : inside.map((id) => names.get(id)).join(" + ")}
              </span>
              <span className={classes.track} aria-hidden="true">
                <span className={classes.bar} style={{ width: `${(count / most) * 100}%` }} />
              </span>
              <span className={classes.count}>
                <Count value={count} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A dot in a segment's colour, or an empty one. */
function Dot({ place }: { place?: number }) {
  const colour = place === undefined ? undefined : colourOf(place);
  return <span className={classes.dot} {...(colour && { style: { background: colour } })} />;
}
