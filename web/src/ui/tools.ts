/** Buttons of the display and the header, and the keys that do the same. */

import { openDialog } from './dialogs.ts';
import { adjustWindow, resetWindow } from './display.ts';
import type { Shortcut } from './keyboard.ts';
import { button, byId } from './page.ts';
import type { Scope } from './saver.ts';
import type { Viewer } from './viewer.ts';

const ZOOM_STEP = 1.25;
const PAN_STEP_PX = 40;
const WINDOW_STEP = 12;

/** What buttons and keys can do apart from changing the display. */
export interface Commands {
  /** Show the study `by` places further in the list. */
  step(by: number): void;
  /** Raise the threshold by steps of the slider. */
  stepThreshold(by: number): void;
  saveJson(scope: Scope): void;
  savePicture(): void;
  /** Stop reading; what was read is kept. */
  cancel(): void;
  /** Put the keyboard into the table. */
  focusTable(): void;
}

/** Let the buttons act. */
export function connectTools(commands: Commands, viewer: Viewer): void {
  const actions: Record<string, () => void> = {
    open: () => byId('file-input', HTMLInputElement).click(),
    'open-folder': () => byId('folder-input', HTMLInputElement).click(),
    'open-model': () => byId('model-input', HTMLInputElement).click(),
    previous: () => commands.step(-1),
    next: () => commands.step(1),
    'save-json': () => commands.saveJson('shown'),
    'save-all': () => commands.saveJson('all'),
    'save-picture': () => commands.savePicture(),
    'tool-window': () => chooseTool(viewer, 'window'),
    'tool-pan': () => chooseTool(viewer, 'move'),
    inverted: () => toggle(viewer, 'inverted', 'isInverted'),
    boxes: () => toggle(viewer, 'boxes', 'showsBoxes'),
    'zoom-in': () => viewer.zoom(ZOOM_STEP),
    'zoom-out': () => viewer.zoom(1 / ZOOM_STEP),
    fit: () => viewer.fit(),
    'reset-window': () => change(viewer, () => resetWindow(viewer.display)),
  };
  for (const [id, act] of Object.entries(actions)) button(id).addEventListener('click', act);
}

/** Return every key and what it does, in the order of the help. */
export function shortcutsOf(commands: Commands, viewer: Viewer): Shortcut[] {
  const click = (id: string) => () => button(id).click();
  const window = (right: number, up: number) => () => change(viewer, () => adjustWindow(viewer.display, right, up));
  return [
    { keys: ['o'], label: 'O', text: 'Open scans', act: click('open') },
    { keys: ['m'], label: 'M', text: 'Open another model', act: click('open-model') },
    { keys: ['n', 'pagedown'], label: 'N PageDown', text: 'Next scan', act: click('next') },
    { keys: ['p', 'pageup'], label: 'P PageUp', text: 'Previous scan', act: click('previous') },
    { keys: ['i'], label: 'I', text: 'Inverted: hot is dark', act: click('inverted') },
    { keys: ['b'], label: 'B', text: 'Show or hide the boxes', act: click('boxes') },
    { keys: ['shift+arrowleft'], label: 'Shift ←', text: 'Narrower window', act: window(-WINDOW_STEP, 0) },
    { keys: ['shift+arrowright'], label: 'Shift →', text: 'Wider window', act: window(WINDOW_STEP, 0) },
    { keys: ['shift+arrowup'], label: 'Shift ↑', text: 'Higher level', act: window(0, WINDOW_STEP) },
    { keys: ['shift+arrowdown'], label: 'Shift ↓', text: 'Lower level', act: window(0, -WINDOW_STEP) },
    { keys: ['r'], label: 'R', text: 'Reset window and level', act: click('reset-window') },
    { keys: ['+', '='], label: '+', text: 'Zoom in', act: click('zoom-in') },
    { keys: ['-'], label: '-', text: 'Zoom out', act: click('zoom-out') },
    { keys: ['0'], label: '0', text: 'Whole body', act: click('fit') },
    { keys: ['arrowleft'], label: '←', text: 'Move the scan to the left', act: () => viewer.move(-PAN_STEP_PX, 0) },
    { keys: ['arrowright'], label: '→', text: 'Move the scan to the right', act: () => viewer.move(PAN_STEP_PX, 0) },
    {
      keys: ['arrowup'],
      label: '↑',
      text: 'Move the scan up; in the table, the row above',
      act: () => viewer.move(0, -PAN_STEP_PX),
    },
    {
      keys: ['arrowdown'],
      label: '↓',
      text: 'Move the scan down; in the table, the row below',
      act: () => viewer.move(0, PAN_STEP_PX),
    },
    { keys: ['w'], label: 'W', text: 'Dragging sets window and level', act: click('tool-window') },
    { keys: ['v'], label: 'V', text: 'Dragging moves the scan', act: click('tool-pan') },
    {
      keys: ['t'],
      label: 'T Enter',
      text: 'Go to the table; Enter zooms in on the hot spot',
      act: () => commands.focusTable(),
    },
    { keys: [','], label: ',', text: 'Lower threshold', act: () => commands.stepThreshold(-1) },
    { keys: ['.'], label: '.', text: 'Higher threshold', act: () => commands.stepThreshold(1) },
    { keys: ['j'], label: 'J', text: 'Save the scan as JSON', act: click('save-json') },
    { keys: ['g'], label: 'G', text: 'Save the picture', act: click('save-picture') },
    { keys: ['a'], label: 'A', text: 'Save all scans as JSON lines', act: click('save-all') },
    { keys: ['escape'], label: 'Esc', text: 'Stop reading', act: () => commands.cancel() },
    { keys: ['h', '?', 'f1'], label: 'H ?', text: 'This help', act: () => openDialog('help') },
  ];
}

function chooseTool(viewer: Viewer, tool: 'window' | 'move'): void {
  change(viewer, () => {
    viewer.tool = tool;
  });
  button('tool-window').setAttribute('aria-pressed', `${tool === 'window'}`);
  button('tool-pan').setAttribute('aria-pressed', `${tool === 'move'}`);
}

function toggle(viewer: Viewer, id: string, property: 'isInverted' | 'showsBoxes'): void {
  change(viewer, () => {
    viewer.display[property] = !viewer.display[property];
  });
  button(id).setAttribute('aria-pressed', `${viewer.display[property]}`);
}

function change(viewer: Viewer, act: () => void): void {
  act();
  viewer.redraw();
}
