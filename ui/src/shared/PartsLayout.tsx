import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { PlacePath } from "@/app/features";
import { useSlug } from "@/app/workspace";
import classes from "./PartsLayout.module.css";
import { useStrip } from "./useStrip";

interface Part {
  to: PlacePath;
  label: string;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  /** Whether pages below this one belong to the part too. */
  whole?: boolean;
}

/** The parts of a place beside the one that is open; a line above it on a phone. */
export function PartsLayout({ label, parts }: { label: string; parts: readonly Part[] }) {
  const slug = useSlug();
  const path = useRouterState({ select: (state) => state.location.pathname });
  // On a narrow screen the parts are one line that scrolls.
  const nav = useStrip<HTMLElement>(path, "[aria-current='page']");
  return (
    <div className={classes.layout}>
      <nav ref={nav} className={classes.nav} aria-label={label}>
        {parts.map(({ to, label: name, icon: Icon, whole = false }) => (
          <Link
            key={to}
            to={to}
            params={{ slug }}
            className={classes.part}
            activeOptions={{ exact: !whole, includeSearch: false }}
            activeProps={{ "aria-current": "page" }}
          >
            <Icon size={16} stroke={1.7} />
            {name}
          </Link>
        ))}
      </nav>
      <div className={classes.content}>
        <Outlet />
      </div>
    </div>
  );
}
