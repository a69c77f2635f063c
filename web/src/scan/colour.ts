/**
 * Channels of a picture to grey: a grey scan saved as colour is taken, a coloured picture is refused, transparent is
 * black. The rules of `bonescan_yolo/scan/pictures/picture_values.py`.
 */

import { BonescanError } from '../error.ts';
import type { Values } from './record.ts';

/** Mean difference between the channels of a pixel, in grey levels, above which a picture is coloured. */
const COLOUR_TOLERANCE = 6;

/** The same as a part of the brightest channel's mean, for pictures that are dark as a whole. */
const COLOURED_PART = 0.5;

const MAX_GREY = 255;

export const TRANSPARENT_NOTE = 'transparent in parts, which count as black';

/** Decoded channels, row by row. */
export interface Channels {
  /** `stride` values a pixel, of which the last of two or four is alpha. */
  data: Uint8Array | Uint8ClampedArray | Uint16Array;
  stride: number;
  width: number;
  height: number;
}

export interface GreyPicture extends Values {
  /** Whether a part of it is transparent. */
  transparent: boolean;
}

/**
 * Return the grey values of a picture: of three channels the mean, rounded, on black.
 *
 * @param key the colour that is fully transparent, one value a channel.
 */
export function greyOf(channels: Channels, name: string, key?: readonly number[]): GreyPicture {
  const opaque = opacity(channels, key);
  if (!opaque) return { ...grey(channels, name), transparent: false };
  const { data } = grey(channels, name);
  const seen = data.filter((_, pixel) => opaque[pixel]);
  if (seen.length && seen.every((value) => value === seen[0])) {
    throw new BonescanError(`${name}: has its drawing in its transparency alone; save it as grey without transparency`);
  }
  return { ...grey({ ...channels, data: onBlack(channels, opaque) }, name), transparent: true };
}

/** Return how opaque each pixel is, 0 to the highest value of the channels' type; null if all are fully. */
function opacity({ data, stride }: Channels, key?: readonly number[]): Uint16Array | null {
  const whole = wholeOf(data);
  const opaque = new Uint16Array(data.length / stride);
  for (let pixel = 0, index = 0; pixel < opaque.length; pixel++, index += stride) {
    if (stride % 2 === 0) opaque[pixel] = data[index + stride - 1] as number;
    else opaque[pixel] = key?.every((value, channel) => data[index + channel] === value) ? 0 : whole;
  }
  return opaque.every((value) => value === whole) ? null : opaque;
}

function wholeOf(data: Channels['data']): number {
  return data instanceof Uint16Array ? 65535 : MAX_GREY;
}

function onBlack({ data, stride }: Channels, opaque: Uint16Array): Channels['data'] {
  const whole = wholeOf(data);
  const half = Math.floor(whole / 2);
  return data.map((value, index) => {
    const product = value * (opaque[Math.floor(index / stride)] as number);
    return Math.floor((product + half) / whole);
  });
}

function grey({ data, stride, width, height }: Channels, name: string): Values {
  const is8Bit = !(data instanceof Uint16Array);
  const values = is8Bit ? new Uint8Array(width * height) : new Uint16Array(width * height);
  if (stride < 3) {
    for (let pixel = 0; pixel < values.length; pixel++) values[pixel] = data[pixel * stride] as number;
    return { data: values, width, height };
  }
  let difference = 0;
  let bright = 0;
  let brightest = 0;
  for (let pixel = 0, index = 0; pixel < values.length; pixel++, index += stride) {
    const red = data[index] as number;
    const green = data[index + 1] as number;
    const blue = data[index + 2] as number;
    const highest = Math.max(red, green, blue);
    difference += highest - Math.min(red, green, blue);
    brightest = Math.max(brightest, highest);
    bright += highest;
    values[pixel] = Math.floor((red + green + blue + 1) / 3);
  }
  const white = is8Bit ? MAX_GREY : brightest;
  const isTinted = difference > COLOURED_PART * bright;
  if (isTinted || (difference / values.length) * MAX_GREY > COLOUR_TOLERANCE * white) {
    throw new BonescanError(`${name}: is a colour picture; give a grey scan`);
  }
  return { data: values, width, height };
}
