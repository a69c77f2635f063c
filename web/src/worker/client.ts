/** The page's side of the worker: a question gives a promise of its answer. */

import { BonescanError } from '../error.ts';
import type { Kind, Questions, Reply } from './protocol.ts';

interface Waiting {
  resolve(answer: Questions[Kind]['answer']): void;
  reject(error: Error): void;
}

export class Client {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;

  /** @param code of the worker, which is inside the page: there is no second file to load. */
  constructor(code: string) {
    const address = URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
    this.worker = new Worker(address);
    this.worker.onmessage = ({ data }: MessageEvent<Reply>) => this.settle(data);
    this.worker.onerror = (event) => this.failAll(event.message || 'the worker did not start');
  }

  ask<K extends Kind>(kind: K, question: Questions[K]['question']): Promise<Questions[K]['answer']> {
    const id = ++this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.worker.postMessage({ id, kind, ...question });
    });
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('answer' in reply) waiting?.resolve(reply.answer);
    else waiting?.reject(reply.isMistake ? new BonescanError(reply.error) : new Error(reply.error));
  }

  private failAll(reason: string): void {
    for (const { reject } of this.waiting.values()) reject(new Error(reason));
    this.waiting.clear();
  }
}
