// What other features use of jobs.

export { JOB, JOBS, type Job } from "./addresses";
export { isOpen, useJob, useStarted } from "./data";
export { DownloadButton, JobActions, JobCounts, JobFileRow, JobProgress, JobState } from "./JobParts";
export { useJobStream } from "./live";
export { useJobs } from "./useJobs";
export { countsOf, failureOf, sizeOf, titleOf } from "./words";
