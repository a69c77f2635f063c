/** Where a scan is in the frame of the network: as `bonescan_yolo/model/fitting.py` and the model file itself fit it. */

/** In pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface Fit {
  /** Pixels of the frame per pixel of the scan; they differ only by the rounding to whole pixels. */
  scaleX: number;
  scaleY: number;
  /** Pixels of the frame beside and above the scan. */
  left: number;
  top: number;
}

/** Return where a scan is put in a frame: in its middle, as large as it fits without distortion. */
export function placeInFrame(scan: Size, frame: Size): Fit {
  const scale = Math.min(frame.height / scan.height, frame.width / scan.width);
  const height = Math.min(frame.height, Math.max(1, roundToEven(scan.height * scale)));
  const width = Math.min(frame.width, Math.max(1, roundToEven(scan.width * scale)));
  return {
    scaleX: width / scan.width,
    scaleY: height / scan.height,
    left: Math.floor((frame.width - width) / 2),
    top: Math.floor((frame.height - height) / 2),
  };
}

/** Return a number rounded as Python and ONNX do it: halves go to the even neighbour. */
function roundToEven(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 ? below + 1 : below;
}
