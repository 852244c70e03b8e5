import type { Schemas } from "@/api";

export const IMPORTS = "/api/v1/workspaces/{slug}/imports";
export const IMPORT = "/api/v1/workspaces/{slug}/imports/{import_id}";
export const ROWS = "/api/v1/workspaces/{slug}/imports/{import_id}/rows";

export type Import = Schemas["ImportOut"];
export type FileColumn = Schemas["FileColumnOut"];
export type Plan = Required<Omit<Schemas["ImportPlan"], "columns">> & { columns: PlanColumn[] };
export type PlanColumn = Required<Schemas["PlanColumn"]>;
export type Consent = Schemas["PlanConsent"];
export type ImportRow = Schemas["ImportRowOut"];
export type Phase = "rehearsal" | "run" | "undo";
