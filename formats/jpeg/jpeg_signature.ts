/** The first bytes of every JPEG file. */
export const jpegSignature: readonly number[] = [0xff, 0xd8, 0xff];
