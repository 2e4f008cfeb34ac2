/** `deno bench`: every kernel case on each device there is. */
import { contractionCases } from "./contraction_cases.ts";
import { register } from "./kernel_case.ts";
import { memoryCases } from "./memory_cases.ts";

await register([...contractionCases, ...memoryCases]);
