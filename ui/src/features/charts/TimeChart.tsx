import { Skeleton } from "@mantine/core";
import { lazy, Suspense } from "react";

const Canvas = lazy(() => import("./TimeChartCanvas"));

export interface TimeChartProps {
  /** In order of time; `at` in milliseconds since 1970. */
  points: readonly { at: number; value: number }[];
  /** What the values are. */
  name: string;
  /** `line` between points, `steps` that hold until the next point, or `bars`. */
  form: "line" | "steps" | "bars";
  /** Points are moments of a day, and not days. */
  precise?: boolean;
  /** The time zone of what is written. */
  zone: string;
}

/** Values over time. It is a picture: give a table with it, as ChartCard does. */
export function TimeChart(props: TimeChartProps) {
  return (
    <Suspense fallback={<Skeleton height={240} radius="md" />}>
      <Canvas {...props} />
    </Suspense>
  );
}
