// What other features use of segments.

export { CreateDialog } from "./CreateDialog";
export { useSegments } from "./data";
export { FROM_NOBODY, type Hidden } from "./HiddenFields";
export { HideNew } from "./HideNew";
export { useSegmentMoves } from "./live";
export { SegmentPicker } from "./SegmentPicker";
export { useCause } from "./useCause";
