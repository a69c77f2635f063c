/** Readings as JSON, by the schema of `predict` (`bonescan_yolo/predict/formats/reading.schema.json`). */

import type { BoxSite } from '../model/box-sites.ts';
import { boxesOf, countByClass } from '../model/boxes.ts';
import { nameOf } from '../model/operating-points.ts';
import { siteText } from '../model/site-words.ts';
import { areEqual, lowestOf, type Thresholds } from '../model/thresholds.ts';
import type { View } from '../scan/names.ts';
import type { LoadedModel } from '../worker/protocol.ts';
import type { StudyScan } from './studies.ts';

const SCHEMA_VERSION = 2;
const COORDINATE_DECIMALS = 2;
const CONFIDENCE_DECIMALS = 4;
const SIZE_DECIMALS = 1;
const SHARE_DECIMALS = 2;

/** Return a reading as a plain object. */
export function describe({ entry, reading }: StudyScan, model: LoadedModel, thresholds: Thresholds): object {
  const boxes = boxesOf(reading, thresholds);
  const counts = countByClass(boxes);
  const point = nameOf(model.card.points, thresholds);
  return {
    schema_version: SCHEMA_VERSION,
    scan: {
      path: entry.path,
      frame: reading.frame,
      frame_count: reading.frameCount,
      view: reading.view,
      width: reading.width,
      height: reading.height,
      pixel_spacing_mm: reading.pixelSpacingMm,
      inverted: reading.inverted,
      turned: reading.turned,
      lossy: reading.lossy,
      compression_ratio: reading.compressionRatio,
      notes: reading.notes,
      sha256: entry.reading?.sha256 ?? null,
    },
    quality: {
      refused: reading.doubts.some((doubt) => doubt.refuses),
      doubts: reading.doubts.map(({ code, message }) => ({ code, message })),
    },
    model: {
      file: model.file,
      sha256: model.sha256,
      trained_on: model.card.trainedOn,
      input_size: model.card.inputSize,
      gives_sites: reading.sites !== null,
      confidence_threshold: lowestOf(thresholds),
      ...(areEqual(thresholds) ? {} : { class_thresholds: thresholds }),
      ...(point ? { operating_point: point } : {}),
      iou_threshold: model.card.iou,
    },
    detections: boxes.map((box) => ({
      class: box.className,
      confidence: round(box.confidence, CONFIDENCE_DECIMALS),
      box_xyxy: [box.x1, box.y1, box.x2, box.y2].map((edge) => round(edge, COORDINATE_DECIMALS)),
      size_mm: box.sizeMm?.map((side) => round(side, SIZE_DECIMALS)) ?? null,
      site: box.site && describeSite(box.site, reading.view),
    })),
    summary: {
      n_abnormal: counts.abnormal,
      n_normal: counts.normal,
      scan_abnormal_confidence: round(reading.abnormalConfidence, CONFIDENCE_DECIMALS),
    },
    notice: model.card.notice,
  };
}

function describeSite({ region, number, share }: BoxSite, view: View | null): object {
  return {
    region: region.name,
    part: region.part,
    side: region.side,
    number,
    share: round(share, SHARE_DECIMALS),
    text: siteText(region, number, view),
  };
}

/** Return one reading as readable JSON, several as one line each. */
export function jsonOf(scans: readonly StudyScan[], model: LoadedModel, thresholds: Thresholds): string {
  const readings = scans.map((scan) => describe(scan, model, thresholds));
  if (readings.length === 1) return `${JSON.stringify(readings[0], null, 2)}\n`;
  return readings.map((reading) => `${JSON.stringify(reading)}\n`).join('');
}

/** Hand a file to the browser's downloads. */
export function download(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser may still be asking where to
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
