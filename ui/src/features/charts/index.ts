// What other features use of charts.
export { Breakdown } from "./Breakdown";
export { ChartCard, type ChartTable } from "./ChartCard";
export { PeopleCharts } from "./PeopleCharts";
export { TimeChart } from "./TimeChart";
export { narrowed } from "./where";
