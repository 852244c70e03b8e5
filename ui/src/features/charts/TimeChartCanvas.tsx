import "@mantine/charts/styles.layer.css";
import { AreaChart, BarChart, ChartTooltip } from "@mantine/charts";
import type { TooltipContentProps } from "recharts";
import { formatDate, formatNumber, formatTime } from "@/shared";
import type { TimeChartProps } from "./TimeChart";

const LINE = "var(--region-a)";

/** The drawing itself; a part of its own, since the library is large. */
export default function TimeChartCanvas({ points, name, form, precise = false, zone }: TimeChartProps) {
  const when = (at: number) => (precise ? formatTime(at, zone) : formatDate(at, zone));
  const common = {
    h: 240,
    data: points.map(({ at, value }) => ({ at, value })),
    dataKey: "at",
    series: [{ name: "value", label: name, color: LINE }],
    valueFormatter: (value: number) => formatNumber(value),
    gridAxis: "x" as const,
    tickLine: "none" as const,
    strokeDasharray: "0",
    gridColor: "var(--line)",
    textColor: "var(--ink-3)",
    accessibilityLayer: false, // the table beside it is what screen readers get
    yAxisProps: { width: 56, allowDecimals: false },
    tooltipProps: {
      content: ({ label, payload }: TooltipContentProps<number, string>) => (
        <ChartTooltip
          label={typeof label === "number" ? when(label) : ""}
          payload={[...payload]}
          series={[{ name: "value", label: name }]}
          valueFormatter={(value) => formatNumber(value)}
        />
      ),
    },
  };
  const xAxis = { tickFormatter: (at: number) => formatDate(at, zone), minTickGap: 40 };
  return form === "bars" ? (
    <BarChart {...common} xAxisProps={xAxis} barProps={{ isAnimationActive: false, radius: 2 }} maxBarWidth={32} />
  ) : (
    <AreaChart
      {...common}
      xAxisProps={{ ...xAxis, type: "number", scale: "time", domain: ["dataMin", "dataMax"] }}
      areaProps={{ isAnimationActive: false }}
      curveType={form === "steps" ? "stepAfter" : "linear"}
      withDots={points.length < 3}
      fillOpacity={0.12}
      strokeWidth={1.75}
    />
  );
}
