/** The studies that the opened files make up, and which of them is chosen. */

import { type Entry, groupStudies, type Study } from '../files/studies.ts';

export class Selection {
  private grouped: readonly Study[] = [];
  private current: Study | undefined;
  /** Number of a file of the chosen study. */
  private chosen: number | null = null;

  get studies(): readonly Study[] {
    return this.grouped;
  }

  /** The chosen study. */
  get study(): Study | undefined {
    return this.current;
  }

  /** Group the files again. The choice stays if it can; otherwise the first study is chosen. */
  regroup(entries: readonly Entry[]): void {
    this.grouped = groupStudies(entries);
    this.current = this.studyOf(this.chosen) ?? this.grouped[0];
    this.chosen = this.current?.id ?? null;
  }

  choose(id: number): void {
    this.chosen = id;
    this.current = this.studyOf(id);
  }

  /** Choose the study of the first of these files, which are not grouped yet, unless another study is chosen. */
  chooseNew(added: readonly Entry[]): void {
    if (!this.current) this.chosen = added[0]?.id ?? null;
  }

  /** Return the study `by` places after the chosen one. */
  neighbour(by: number): Study | undefined {
    return this.current && this.grouped[this.grouped.indexOf(this.current) + by];
  }

  private studyOf(file: number | null): Study | undefined {
    return this.grouped.find((study) => study.entries.some(({ id }) => id === file));
  }
}
