/**
 * Every bound of the resolver in one table, by the room that keeps it.
 *
 * Each row has a value, its unit, the reason for it, what happens beyond it, and the file of the
 * tests that reach it and pass it. No literal bound stands outside this table; `docs/limits.md`
 * is generated from it.
 */
import { acmeLimits } from "./limits/acme.ts";
import { auditLimits } from "./limits/audit.ts";
import { cacheLimits } from "./limits/cache.ts";
import { cliLimits } from "./limits/cli.ts";
import { dnssecLimits } from "./limits/dnssec.ts";
import { privacyLimits } from "./limits/privacy.ts";
import { recursorLimits } from "./limits/recursor.ts";
import { serveLimits } from "./limits/serve.ts";
import { servicesLimits } from "./limits/services.ts";
import { systemLimits } from "./limits/system.ts";
import { transportsLimits } from "./limits/transports.ts";
import { upstreamLimits } from "./limits/upstream.ts";
import { workerLimits } from "./limits/worker.ts";

export const limits = {
  ...acmeLimits,
  ...auditLimits,
  ...cacheLimits,
  ...cliLimits,
  ...dnssecLimits,
  ...privacyLimits,
  ...recursorLimits,
  ...serveLimits,
  ...servicesLimits,
  ...systemLimits,
  ...transportsLimits,
  ...upstreamLimits,
  ...workerLimits,
} as const;
