/** Whether kernels have to say that they use subgroups: browsers ask for it, Deno's compiler does not know the word. */

const DIRECTIVES = ["", "enable subgroups;\n"] as const;

/** The smallest text that has a value handed on within a subgroup. */
const PROBE = `@group(0) @binding(0) var<storage, read_write> out: array<u32>;
@compute @workgroup_size(64) fn main(@builtin(local_invocation_index) thread: u32) {
  let next = subgroupShuffleDown(thread, 1u);
  out[thread] = next;
}
`;

/** What a kernel that uses subgroups begins with on a device, found by compiling; `undefined` where it can't use them. */
export async function subgroupDirective(device: GPUDevice): Promise<string | undefined> {
  const errors = DIRECTIVES.map((directive) => {
    device.pushErrorScope("validation");
    device.createShaderModule({ code: directive + PROBE, label: "subgroups" });
    return device.popErrorScope();
  });
  const index = (await Promise.all(errors)).findIndex((error) => error === null);
  return DIRECTIVES[index];
}
