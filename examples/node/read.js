// Print the boxes on a bone scan, with onnxruntime-node: node read.js bonescan-app.onnx scan.png
import { readFileSync } from "node:fs";
import { decode } from "fast-png";
import * as ort from "onnxruntime-node";
import { PbfReader } from "pbf";

process.env.ORT_DISABLE_TELEMETRY ??= "1"; // read at the first session; else onnxruntime reports to its vendor

// Return the model's description, or null. onnxruntime-node does not expose the metadata of a model, so it is
// read from the file itself: field 14 of ModelProto, entries of key (1) and value (2), in the protobuf format.
function describe(bytes) {
  const text = (tag, entry, pbf) => {
    if (tag === 1) entry.key = pbf.readString();
    if (tag === 2) entry.value = pbf.readString();
  };
  const found = new PbfReader(bytes).readFields((tag, entries, pbf) => {
    if (tag === 14) entries.push(pbf.readMessage(text, {}));
  }, []);
  return JSON.parse(found.find((entry) => entry.key === "bonescan_yolo")?.value ?? "null");
}

// Return what is wrong with a model's description, or null.
function check(card) {
  if (card === null) return "is not a model of bonescan_yolo; export it with `bonescan export`";
  if (card.schema > 5) {
    return `has description schema ${card.schema}, newer than 5, the newest supported; get a newer program`;
  }
  if (card.layout !== "app") {
    return "is not of the layout `app`; give the file whose name ends in -app.onnx or -app-int8.onnx";
  }
  return null;
}

async function main(model, scan) {
  const bytes = readFileSync(model);
  const card = describe(bytes);
  const wrong = check(card);
  if (wrong) {
    console.error(`${model}: ${wrong}`);
    return 2;
  }
  const { width, height, channels, depth, data } = decode(readFileSync(scan));
  if (channels !== 1 || depth !== 8) {
    console.error(`${scan}: is not a PNG of 8-bit grey levels; convert it`);
    return 2;
  }
  // Errors only: it warns that the thresholds are optional inputs.
  const session = await ort.InferenceSession.create(bytes, { logSeverityLevel: 3 });
  // May also hold confidence, for both classes, and iou, such as new ort.Tensor("float32", [0.5], []).
  const feeds = { scan: new ort.Tensor("uint8", data, [height, width]) };
  const { boxes } = await session.run(feeds, ["boxes"]);
  for (let i = 0; i < boxes.data.length; i += 6) {
    const [x1, y1, x2, y2, confidence, number] = boxes.data.slice(i, i + 6);
    const corners = [x1, y1, x2, y2].map((corner) => corner.toFixed(2));
    console.log(card.class_names[number], confidence.toFixed(4), ...corners);
  }
  return 0;
}

process.exitCode = await main(...process.argv.slice(2));
