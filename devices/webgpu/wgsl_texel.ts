/** Arrays in textures, four numbers a texel. */

/** Bytes of a texel. */
export const TEXEL_BYTES = 16;
/** Texels in a row of a texture that holds arrays. */
export const TEXTURE_WIDTH = 4096;

/** A part of a texture, from a texel on. */
export interface Texels {
  readonly name: string;
  readonly first: number;
}

/** Where the four neighbours are that begin at an element, as text. */
export function texelAt(element: string, first: number): string {
  const index = `u32((${element} >> 2u) + ${first})`;
  return `vec2<u32>(${index} % ${TEXTURE_WIDTH}u, ${index} / ${TEXTURE_WIDTH}u)`;
}

/** Four neighbours, the first of which is at a multiple of four. */
export const loadTexel = ({ name, first }: Texels, element: string): string =>
  `textureLoad(${name}, ${texelAt(element, first)}, 0)`;
