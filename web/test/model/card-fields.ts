/** What every description of a model file has beside its thresholds. */

export const FIELDS = {
  layout: 'app',
  scaling: 'display grey level',
  class_names: ['abnormal', 'normal'],
  iou: 0.3,
  input_height: 1024,
  input_width: 256,
  trained_on: 'squares',
  version: '0.1.0',
  licence: 'AGPL-3.0-or-later',
  notice: 'Research software, not a medical device.',
};
