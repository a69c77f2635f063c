/** Columns of a box as the model gives it: x1 y1 x2 y2 in pixels of the scan, confidence, class. */
export const BOX_COLUMNS = 6;
