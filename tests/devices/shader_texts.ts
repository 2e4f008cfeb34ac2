/** What devices are given to compile. */

/** The texts of all shaders that are made while `body` runs. */
export async function shaderTexts(body: () => Promise<unknown>): Promise<string[]> {
  const { createShaderModule } = GPUDevice.prototype;
  const texts: string[] = [];
  GPUDevice.prototype.createShaderModule = function (descriptor) {
    texts.push(descriptor.code);
    return createShaderModule.call(this, descriptor);
  };
  try {
    await body();
  } finally {
    GPUDevice.prototype.createShaderModule = createShaderModule;
  }
  return texts;
}
