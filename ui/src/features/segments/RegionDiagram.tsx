import { type CSSProperties, useId } from "react";
import type { Schemas } from "@/api";
import { formatNumber } from "@/shared";
import classes from "./RegionDiagram.module.css";
import { colourOf, DIAGRAMS, type Diagram, middleOf, regionKey, type Shape } from "./regions";

interface RegionDiagramProps {
  /** Two to five. */
  segments: readonly { id: string; name: string }[];
  regions: readonly Schemas["RegionOut"][];
  /** The key of the region that is chosen. */
  chosen: string | null;
  choose: (inside: string[]) => void;
}

/** A shape for each segment and the count of each region. Shapes are alike: figures say how large a region is. */
export function RegionDiagram({ segments, regions, chosen, choose }: RegionDiagramProps) {
  const id = useId();
  const diagram = DIAGRAMS[Math.min(5, Math.max(2, segments.length)) as keyof typeof DIAGRAMS];
  const { shapes, width, height } = diagram;
  return (
    // A picture for the mouse: the list beside it has the same regions as buttons.
    <svg
      className={classes.diagram}
      viewBox={`0 0 ${width} ${height}`}
      data-wide={width > 500 || undefined}
      aria-hidden="true"
    >
      <defs>
        {shapes.map((shape, place) => (
          <clipPath key={segments[place]?.id} id={`${id}in${place}`}>
            <Outline shape={shape} />
          </clipPath>
        ))}
      </defs>
      {[...regions]
        .sort((a, b) => a.inside.length - b.inside.length)
        .map(({ inside, count }) => {
          const flags = segments.map((segment) => inside.includes(segment.id));
          const places = flags.flatMap((flag, place) => (flag ? [place] : []));
          return (
            // biome-ignore lint/a11y/noStaticElementInteractions: hidden from assistive technology, see above
            <g
              key={regionKey(inside)}
              className={classes.region}
              data-chosen={chosen === regionKey(inside) || undefined}
              onClick={() => choose(inside)}
            >
              <title>{`${places.map((place) => segments[place]?.name).join(" + ")}: ${formatNumber(count)}`}</title>
              <Area shapes={shapes} places={places} id={id} />
              <Figure diagram={diagram} flags={flags} count={count} />
            </g>
          );
        })}
      {shapes.map((shape, place) => (
        <Outline key={segments[place]?.id} shape={shape} className={classes.ring} colour={colourOf(place)} />
      ))}
      {diagram.labels.map(({ x, y, anchor }, place) => (
        <text key={segments[place]?.id} className={classes.label} x={x} y={y} textAnchor={anchor}>
          {shortened(segments[place]?.name ?? "", anchor === "middle" ? 26 : 15)}
        </text>
      ))}
    </svg>
  );
}

/** The count of a region, as long as it may be where it stands. */
function Figure({ diagram, flags, count }: { diagram: Diagram; flags: readonly boolean[]; count: number }) {
  const { x, y, room } = middleOf(diagram, flags);
  const tight = room < 22;
  return (
    <text x={x} y={y + (tight ? 4 : 5)} textAnchor="middle" data-tight={tight || undefined}>
      {formatNumber(count, tight ? { notation: "compact", maximumFractionDigits: 0 } : {})}
    </text>
  );
}

function shortened(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/** The common part of some shapes: what lies in more of them is drawn later, on top of it. */
function Area({ shapes, places, id }: { shapes: readonly Shape[]; places: readonly number[]; id: string }) {
  const [first = 0, ...others] = places;
  const shape = shapes[first];
  if (!shape) return null;
  const colour = places.map(colourOf).reduce((a, b) => `color-mix(in oklab, ${a}, ${b})`);
  let area = <Outline shape={shape} className={classes.area} colour={colour} />;
  for (const place of others) area = <g clipPath={`url(#${id}in${place})`}>{area}</g>;
  return area;
}

interface OutlineProps {
  shape: Shape;
  className?: string | undefined;
  colour?: string;
}

function Outline({ shape: { x, y, rx, ry, turn }, className, colour }: OutlineProps) {
  return (
    <ellipse
      cx={x}
      cy={y}
      rx={rx}
      ry={ry}
      transform={turn ? `rotate(${turn} ${x} ${y})` : undefined}
      className={className}
      {...(colour && { style: { "--colour": colour } as CSSProperties })}
    />
  );
}
