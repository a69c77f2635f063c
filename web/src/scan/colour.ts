/** Pictures with colour channels: a grey scan saved as colour is taken, a coloured picture is refused. */

import { BonescanError } from '../error.ts';
import type { Values } from './record.ts';

/** Mean difference between the channels of a pixel, in grey levels, above which a picture is coloured. */
const COLOUR_TOLERANCE = 6;

/**
 * Return the grey values of a picture: the mean of its channels, rounded.
 *
 * @param data values of 0 to 255, `stride` per pixel, of which the first three are red, green and blue.
 */
export function greyOfColour(
  data: ArrayLike<number>,
  stride: number,
  width: number,
  height: number,
  name: string,
): Values {
  const grey = new Uint8Array(width * height);
  let difference = 0;
  for (let pixel = 0, index = 0; pixel < grey.length; pixel++, index += stride) {
    const red = data[index] as number;
    const green = data[index + 1] as number;
    const blue = data[index + 2] as number;
    difference += Math.max(red, green, blue) - Math.min(red, green, blue);
    grey[pixel] = Math.floor((red + green + blue + 1) / 3);
  }
  if (difference / grey.length > COLOUR_TOLERANCE) {
    throw new BonescanError(`${name}: is a colour picture; give a grey scan`);
  }
  return { data: grey, width, height };
}
