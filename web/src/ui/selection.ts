/** The studies that the opened files make up, and which of them is chosen. */

import { type Entry, groupStudies, type Study } from '../files/studies.ts';

export class Selection {
  private grouped: readonly Study[] = [];
  /** Number of a file of the chosen study. */
  private chosen: number | null = null;

  get studies(): readonly Study[] {
    return this.grouped;
  }

  /** The chosen study. */
  get study(): Study | undefined {
    return this.grouped.find((study) => study.entries.some((entry) => entry.id === this.chosen));
  }

  /** Group the files again. The choice stays if it can; otherwise the first study is chosen. */
  regroup(entries: readonly Entry[]): void {
    this.grouped = groupStudies(entries);
    this.chosen = (this.study ?? this.grouped[0])?.id ?? null;
  }

  choose(id: number): void {
    this.chosen = id;
  }

  /** Choose the study of the first of these files, which are not grouped yet, unless another study is chosen. */
  chooseNew(added: readonly Entry[]): void {
    if (!this.study) this.chosen = added[0]?.id ?? null;
  }

  /** Return the study `by` places after the chosen one. */
  neighbour(by: number): Study | undefined {
    const { study } = this;
    return study && this.grouped[this.grouped.indexOf(study) + by];
  }
}
