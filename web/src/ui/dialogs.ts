/** The dialogs: help, and about the page. */

import { POINT_NAMES } from '../model/operating-points.ts';
import { textsOf } from '../model/thresholds.ts';
import type { LoadedModel } from '../worker/protocol.ts';
import { button, byId, make } from './page.ts';

/** A package inside the page, as the build lists it. */
interface Licence {
  name: string;
  version: string;
  licence: string;
  text: string;
}

/** Let the buttons open their dialogs. */
export function connectDialogs(): void {
  for (const name of ['help', 'about']) {
    button(name).addEventListener('click', () => openDialog(name));
  }
  const licences: Licence[] = JSON.parse(byId('licence-data', HTMLScriptElement).textContent ?? '[]');
  byId('licences', HTMLElement).replaceChildren(...licences.map(detailsOf));
}

export function openDialog(name: string): void {
  byId(`${name}-dialog`, HTMLDialogElement).showModal();
}

/** Show the name of the model in use, and its facts in the about dialog. */
export function describeModel(model: LoadedModel): void {
  byId('model-name', HTMLElement).textContent = `Model: ${model.file}`;
  const { points } = model.card;
  const facts: [string, string][] = [
    ['File', model.file],
    ['Trained on', model.card.trainedOn],
    ['Threshold', textsOf(model.card.thresholds, String).join(', ')],
    ...POINT_NAMES.flatMap((name): [string, string][] =>
      points ? [[`Point ${name}`, textsOf(points[name], String).join(', ')]] : [],
    ),
    ['Made with', `bonescan_yolo ${model.card.version}`],
    ['Licence', model.card.licence],
    ['SHA-256', model.sha256],
    ['Notice', model.card.notice],
  ];
  byId('model-facts', HTMLElement).replaceChildren(
    ...facts.flatMap(([name, value]) => [make('dt', name), make('dd', value)]),
  );
}

function detailsOf({ name, version, licence, text }: Licence): HTMLElement {
  const details = make('details');
  details.append(make('summary', `${name} ${version}, ${licence}`), make('pre', text));
  return details;
}
