import type { Schemas } from "@/api";

export const JOBS = "/api/v1/workspaces/{slug}/jobs";
export const JOB = "/api/v1/workspaces/{slug}/jobs/{job}";
export const NOTIFICATIONS = "/api/v1/workspaces/{slug}/notifications";

export type Job = Schemas["JobOut"];
export type JobPage = Schemas["JobPage"];
export type JobFile = Schemas["FileOut"];
export type State = Job["state"];
