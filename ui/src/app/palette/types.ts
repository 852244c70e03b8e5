import type { ComponentType } from "react";

/** Something that the palette found. */
export interface Found {
  id: string;
  label: string;
  description?: string | undefined;
  icon: ComponentType<{ size?: number | string; stroke?: number | string }>;
  run: () => void;
}
