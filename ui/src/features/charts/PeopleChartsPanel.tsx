import { useMay } from "@/app/workspace";
import { Activity } from "./Activity";
import { Breakdown } from "./Breakdown";
import { Countries } from "./Countries";
import { Growth } from "./Growth";
import classes from "./PeopleCharts.module.css";

/** Growth, breakdown, countries and activity of a filter's people. */
export default function PeopleChartsPanel({ where }: { where?: string | undefined }) {
  const seesEvents = useMay("events:read");
  return (
    <div className={classes.grid}>
      <Growth where={where} />
      <Breakdown where={where} />
      <Countries where={where} />
      {seesEvents && <Activity where={where} />}
    </div>
  );
}
