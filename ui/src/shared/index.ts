// What every feature may use. Keep it small: a thing that one feature needs lives in that feature.
export { announce } from "./announce";
export { CopyButton } from "./CopyButton";
export { Count } from "./Count";
export { type Density, setDensity, useDensity } from "./density";
export { formatAgo, formatClock, formatDate, formatNumber, formatTime } from "./format";
export { hueOf, initialsOf } from "./initials";
export { FRESH, OWN_CHANGE, patchListed } from "./listed";
export { messageOf, problemText, type Reason, reasonsIn, reasonText, registerText } from "./messages";
export { notifyDone, notifyProblem } from "./notify";
export { own } from "./own";
export { PageHeader, useTitle } from "./PageHeader";
export { RelativeTime } from "./RelativeTime";
export { type Shortcut, useShortcut, useShortcuts } from "./shortcuts";
export { EmptyState, ErrorState, More, RowsSkeleton } from "./states";
export { keep, kept } from "./storage";
